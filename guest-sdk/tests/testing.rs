//! The test harness itself: it must not accept what the host would refuse.

use wasm_evq_guest::http::{self, Request, Response};
use wasm_evq_guest::testing::{self, Verdict};
use wasm_evq_guest::{Event, handler, log};

#[handler]
fn handle(event: Event<u32>) -> Result<u32, wasm_evq_guest::Error> {
    event.into_data()
}

#[test]
#[should_panic(expected = "the host would not accept this event: `source`")]
fn an_event_without_a_source_is_refused() {
    testing::run(handle, r#"{"specversion":"1.0","id":"1","type":"t"}"#);
}

#[test]
#[should_panic(expected = "not a JSON object")]
fn an_event_that_is_not_json_is_refused() {
    testing::run(handle, "hello");
}

#[test]
#[should_panic(expected = "there is no output: the attempt ended with Permanent, the event carries no data")]
fn reading_an_output_that_is_not_there_says_why() {
    testing::event("t").run(handle).json();
}

#[test]
#[should_panic(expected = "run the handler with wasm_evq_guest::testing")]
fn the_host_does_not_answer_outside_of_a_run() {
    wasm_evq_guest::random_fill(&mut [0]);
}

#[test]
fn a_handler_leaves_nothing_behind_for_the_next_event() {
    let event = testing::event("t").data(1);
    let fallen = event.run(|event: Event<u32>| {
        log::info!("first");
        assert!(event.data().is_err(), "it is {}", 1);
    });
    assert_eq!(fallen.verdict(), Verdict::Panicked);
    let outcome = event.run(handle);
    assert_eq!((outcome.output_as::<u32>(), outcome.logs().len()), (1, 0));
}

#[test]
fn a_handler_has_the_values_that_are_granted_to_it_and_no_others() {
    let told = |_: Event| [wasm_evq_guest::env("CURRENCY"), wasm_evq_guest::env("API_KEY")];
    let event = testing::event("t").data(1);
    assert_eq!(event.clone().env("CURRENCY", "EUR").run(told).json(), serde_json::json!(["EUR", null]));
    assert_eq!(event.run(told).json(), serde_json::json!([null, null]));
}

fn asks(_: Event) -> Result<String, wasm_evq_guest::Error> {
    let first = Request::get("https://a.example/\"1\"").header("x", "\\1").send()?.success()?;
    let second = Request::post(first.text()?).json(&[1])?.send()?;
    Ok(format!("{} {}", second.status(), second.header("Location").unwrap_or("nowhere")))
}

#[test]
fn a_handlers_requests_are_answered_in_their_order_and_kept() {
    let moved = Response::new(301, "").with_header("Location", "/\"3\"");
    let answered =
        testing::event("t").data(1).answer(Response::new(200, "https://a.example/2")).answer(moved);
    let outcome = answered.run(asks);
    assert_eq!(outcome.json(), "301 /\"3\"");
    let [first, second] = outcome.requests() else { panic!("{:?}", outcome.requests()) };
    assert_eq!((first.method(), first.url()), ("GET", "https://a.example/\"1\""));
    assert_eq!(first.headers(), [("x".to_owned(), "\\1".to_owned())]);
    assert_eq!((second.url(), second.body_bytes()), ("https://a.example/2", &b"[1]"[..]));
    assert_eq!(second.headers()[0].1, "application/json");
}

#[test]
fn a_request_without_an_answer_fails_as_its_error_says() {
    let event = testing::event("t").data(1);
    let error = |message: &str| ("timeout".to_owned(), message.to_owned());
    let (code, message) = error("too late");
    let outcome = event.clone().no_answer(http::Error::Retry { code, message }).run(asks);
    assert_eq!((outcome.verdict(), outcome.message()), (Verdict::Failed, Some("too late")));
    let (code, message) = error("too large");
    let outcome = event.clone().no_answer(http::Error::Permanent { code, message }).run(asks);
    assert_eq!((outcome.verdict(), outcome.message()), (Verdict::Permanent, Some("too large")));
    assert_eq!(event.run(asks).verdict(), Verdict::Permanent, "as where nothing is granted");
}

#[test]
fn a_status_that_may_pass_is_retried_and_another_is_not() {
    let verdict = |response| testing::event("t").data(1).answer(response).run(asks).verdict();
    let later = Response::new(503, "").with_header("Retry-After", "7");
    assert_eq!(verdict(later), Verdict::RetryAfter(std::time::Duration::from_secs(7)));
    for (status, expected) in [(500, Verdict::Failed), (429, Verdict::Failed), (404, Verdict::Permanent)] {
        assert_eq!(verdict(Response::new(status, "")), expected, "{status}");
    }
    assert_eq!(verdict(Response::new(302, "")), Verdict::Permanent);
}

#[test]
fn an_events_json_is_what_the_handler_gets() {
    let event = testing::event("t").id("7").extension("tier", "gold").data([1]);
    let same = testing::run(|event: Event<Vec<u32>>| event.into_data(), &event.to_json());
    assert_eq!(same.json(), event.run(|event: Event<Vec<u32>>| event.into_data()).json());
}
