//! The test harness itself: it must not accept what the host would refuse.

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

#[test]
fn an_events_json_is_what_the_handler_gets() {
    let event = testing::event("t").id("7").extension("tier", "gold").data([1]);
    let same = testing::run(|event: Event<Vec<u32>>| event.into_data(), &event.to_json());
    assert_eq!(same.json(), event.run(|event: Event<Vec<u32>>| event.into_data()).json());
}
