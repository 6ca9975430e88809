//! Watching and intervening.

use super::browser::{Browser, By};
use crate::support::{Dir, Served, saying, serve};

/// What sticks out of a phone's window.
const WIDE: &str = "return [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > 391)
    .map((element) => `${element.tagName} ${element.className} ${element.textContent.slice(0, 40)}`)";

/// Tables of which a part must be scrolled to from side to side, such as the buttons at a row's end.
const CUT: &str = "return [...document.querySelectorAll('.scroll')]
    .filter((element) => element.scrollWidth > element.clientWidth)
    .map((element) => element.getAttribute('aria-label'))";

/// The browser found nothing to complain of.
#[track_caller]
fn assert_quiet(browser: &Browser) {
    assert_eq!(browser.complaints(), [""; 0]);
}

fn open(served: &Served, place: &str) -> Option<Browser> {
    let browser = Browser::open()?;
    browser.go(&format!("{}/{place}", served.url()));
    Some(browser)
}

#[test]
fn an_event_arrives_live_is_opened_fails_and_is_retried() {
    let dir = Dir::new();
    let served = serve(&dir, "fails", &["--max-attempts", "1"]);
    let Some(browser) = open(&served, "#/events") else { return };
    browser.sees("No events fit");
    served.post_event("/events", saying("sent-1", "!")).assert_status(202);
    browser.sees("sent-1");
    browser.click(By::Words("sent-1"));
    browser.sees("Attempt 1");
    browser.sees("no luck");
    browser.click(By::Words("Retry"));
    browser.sees("Attempt 2");
    assert!(browser.url().contains("#/event?id=sent-1&source=%2Ftest"), "{}", browser.url());
    assert_quiet(&browser);
}

#[test]
fn a_filter_stands_in_the_address_and_survives_a_reload() {
    let dir = Dir::new();
    let served = serve(&dir, "fails", &["--max-attempts", "1"]);
    served.post_event("/events?wait=10s", saying("bad", "!")).assert_status(200);
    served.post_event("/events?wait=10s", saying("good", ".")).assert_status(200);
    let Some(browser) = open(&served, "#/events") else { return };
    browser.sees("good");
    browser.type_into("input[name=id]", "bad");
    browser.click(By::Words("Filter"));
    let is_filtered = |browser: &Browser| {
        browser.sees("bad");
        !browser
            .run("return document.querySelector('main table').innerText")
            .as_str()
            .unwrap()
            .contains("good")
    };
    crate::support::until("the list is filtered", || is_filtered(&browser).then_some(()));
    assert!(browser.url().ends_with("#/events?id=bad"), "{}", browser.url());
    browser.reload();
    browser.sees("bad");
    assert!(is_filtered(&browser));
    assert_quiet(&browser);
}

#[test]
fn what_events_and_handlers_say_is_text_and_never_markup() {
    let dir = Dir::new();
    let served = serve(&dir, "complains_and_traps", &["--max-attempts", "1"]);
    let markup = "<img src=x onerror=document.title=1><script>document.title=1</script><b>bold";
    let event = serde_json::json!({"specversion": "1.0", "id": markup, "source": "/%3Cb%3E", "type": markup, "data": markup});
    served.post_event("/events?wait=10s", event.to_string()).assert_status(200);
    let Some(browser) = open(&served, "#/events") else { return };
    browser.sees("<b>bold");
    browser.click(By::Css("main table a"));
    browser.sees("Attempt 1");
    browser.go(&format!("{}/#/dead", served.url()));
    browser.sees("<b>bold");
    assert_eq!(browser.run("return document.querySelectorAll('main img, main script, main td b').length"), 0);
    assert!(browser.run("return document.title").as_str().unwrap().contains("wasm-evq"));
    assert_quiet(&browser);
}

#[test]
fn the_dead_are_retried_together_after_their_number_was_shown() {
    let dir = Dir::new();
    let served = serve(&dir, "fails", &["--max-attempts", "1"]);
    for id in 1..=3 {
        served.post_event("/events?wait=10s", saying(id, "!")).assert_status(200);
    }
    let Some(browser) = open(&served, "#/dead") else { return };
    browser.click(By::Words("Retry all"));
    browser.sees("Retry 3 events of fails that ended with: no luck");
    browser.click(By::Words("Leave it"));
    assert_eq!(dir.sql("SELECT max(attempts) FROM outcome"), "1", "a question that was answered no");
    browser.click(By::Words("Retry all"));
    browser.click(By::Css("dialog button.plain"));
    browser.sees("3 retried.");
    crate::support::until("all ran again", || {
        (dir.sql("SELECT count(*) FROM outcome WHERE attempts = 2") == "3").then_some(())
    });
    browser.click(By::Words("Drop all"));
    browser.click(By::Css("dialog button.danger"));
    browser.sees("3 dropped.");
    browser.sees("Nothing is dead.");
    assert_eq!(dir.count("event"), 0);
    assert_quiet(&browser);
}

#[test]
fn a_paused_handlers_events_say_why_they_wait_and_can_be_cancelled() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let Some(browser) = open(&served, "#/handlers") else { return };
    browser.click(By::Words("Pause"));
    browser.click(By::Css("dialog button.plain"));
    browser.sees("paused");
    served.post_event("/events", saying("a", ".")).assert_status(202);
    browser.go(&format!("{}/#/event?id=a&source=%2Ftest", served.url()));
    browser.sees("Pending because echoes is paused.");
    browser.click(By::Words("Cancel"));
    browser.click(By::Css("dialog button.danger"));
    browser.sees("cancelled");
    assert_eq!(dir.sql("SELECT error FROM results"), "cancelled");
    browser.go(&format!("{}/#/handlers", served.url()));
    browser.click(By::Words("Resume"));
    browser.sees("running");
    assert_quiet(&browser);
}

#[test]
fn an_event_is_tried_and_nothing_is_stored() {
    let dir = Dir::new();
    let served = serve(&dir, "fails", &[]);
    let Some(browser) = open(&served, "#/try?handler=fails") else { return };
    browser.type_into("#event", &saying("tried", "!"));
    browser.click(By::Words("Run without storing"));
    browser.sees("no luck");
    browser.type_into("#event", "no event");
    browser.click(By::Words("Run without storing"));
    browser.sees("JSON");
    assert_eq!(dir.count("event") + dir.count("attempt"), 0);
    // A refusal is an answer with a status, which the browser notes.
    assert!(browser.complaints().iter().all(|complaint| complaint.contains("400")));
}

#[test]
fn a_wrong_token_opens_nothing_and_the_right_one_does_until_it_logs_out() {
    let dir = Dir::new();
    dir.secret("tokens", "operate operates-0123456789abcdef alice\n");
    let served = serve(&dir, "echoes", &["--token-file", "tokens"]);
    let Some(browser) = open(&served, "#/handlers") else { return };
    browser.type_into("#token", "wrong-0123456789abcdef");
    browser.click(By::Css("form.login button"));
    browser.sees("This token is not known.");
    assert!(!browser.text().contains("echoes"));
    browser.type_into("#token", "operates-0123456789abcdef");
    browser.click(By::Css("form.login button"));
    browser.sees("echoes");
    browser.reload();
    browser.sees("echoes");
    assert_eq!(browser.run("return document.cookie"), "", "no script can read the session");
    browser.click(By::Words("Pause"));
    browser.click(By::Css("dialog button.plain"));
    browser.sees("paused");
    browser.click(By::Words("Log out alice"));
    browser.sees("Token");
    browser.reload();
    browser.sees("Token");
    assert!(!browser.text().contains("echoes"));
}

#[test]
fn every_page_fits_a_phone_and_a_server_that_is_gone_is_told() {
    let dir = Dir::new();
    let served = serve(&dir, "fails", &["--max-attempts", "1"]);
    served.post_event("/events?wait=10s", saying("a", "!")).assert_status(200);
    let Some(browser) = Browser::open() else { return };
    browser.resize(390, 844);
    for (place, text) in [
        ("#/", "Unsettled"),
        ("#/events", "accepted"),
        ("#/event?id=a&source=/test", "Attempt 1"),
        ("#/dead", "no luck"),
        ("#/handlers", "limits"),
        ("#/try", "Run without storing"),
        ("#/nowhere", "no such page"),
    ] {
        browser.go(&format!("{}/{place}", served.url()));
        browser.sees(text);
        let width = browser.run("return document.documentElement.scrollWidth").as_u64().unwrap();
        assert!(width <= 390, "{place} is {width} wide: {}", browser.run(WIDE));
        assert_eq!(browser.run(CUT), serde_json::json!([]), "{place}");
    }
    assert_quiet(&browser);
    browser.go(&format!("{}/#/events", served.url()));
    browser.sees("accepted");
    served.stop();
    browser.sees("the server does not answer");
}
