//! The page by keyboard alone, while it draws itself anew.

use super::browser::{Browser, By};
use crate::support::{Dir, good, saying, serve, until};

/// What has the focus, by its words.
fn focused(browser: &Browser) -> String {
    browser.run("return document.activeElement.innerText").as_str().unwrap_or_default().to_owned()
}

/// Presses Tab until something with these words has the focus.
fn tab_to(browser: &Browser, words: &str) {
    for _ in 0..60 {
        browser.press("Tab");
        if focused(browser) == words {
            return;
        }
    }
    panic!("Tab does not lead to {words:?}, but to {:?}", focused(browser));
}

#[test]
fn the_focus_stays_where_it_is_when_a_list_is_drawn_anew() {
    let dir = Dir::new();
    let served = serve(&dir, "fails", &["--max-attempts", "1"]);
    served.post_event("/events?wait=30s", saying("first", "!")).assert_status(200);
    let Some(browser) = Browser::open() else { return };
    browser.go(&format!("{}/#/events", served.url()));
    browser.sees("first");
    tab_to(&browser, "first");
    served.post_event("/events?wait=30s", good("second")).assert_status(200);
    browser.sees("second");
    assert_eq!(focused(&browser), "first");
    browser.press("Enter");
    browser.sees("Attempt 1");
    browser.go(&format!("{}/#/dead", served.url()));
    browser.sees("no luck");
    tab_to(&browser, "Retry all");
    served.post_event("/events?wait=30s", saying("third", "!")).assert_status(200);
    browser.sees("third");
    assert_eq!(focused(&browser), "Retry all");
}

#[test]
fn the_dead_are_retried_without_a_mouse() {
    let dir = Dir::new();
    let served = serve(&dir, "fails", &["--max-attempts", "1"]);
    served.post_event("/events?wait=30s", saying("a", "!")).assert_status(200);
    let Some(browser) = Browser::open() else { return };
    browser.go(&format!("{}/#/", served.url()));
    browser.sees("Unsettled");
    tab_to(&browser, "Dead");
    browser.press("Enter");
    browser.sees("no luck");
    tab_to(&browser, "Retry all");
    browser.press("Enter");
    browser.sees("Retry 1 events of fails");
    // What changes nothing has the focus first, and Escape leaves it, too.
    assert_eq!(focused(&browser), "Leave it");
    browser.press("Escape");
    assert_eq!(dir.sql("SELECT max(attempts) FROM outcome"), "1");
    tab_to(&browser, "Retry all");
    browser.press("Enter");
    browser.sees("Retry 1 events of fails");
    tab_to(&browser, "Retry");
    browser.press("Enter");
    browser.sees("1 retried.");
    until("it ran again", || (dir.sql("SELECT max(attempts) FROM outcome") == "2").then_some(()));
}

#[test]
fn an_event_is_opened_in_try_with_every_digit_that_it_has() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let event =
        r#"{"specversion":"1.0","id":"a","source":"/s","type":"t","data":[12345678901234567890,1.50]}"#;
    served.post_event("/events?wait=30s", event).assert_status(200);
    let Some(browser) = Browser::open() else { return };
    browser.go(&format!("{}/#/event?id=a&source=/s", served.url()));
    browser.sees("12345678901234567890");
    browser.sees("1.50");
    browser.click(By::Words("Open in Try"));
    browser.sees("Run without storing");
    let shown = || browser.run("return document.querySelector('#event')?.value ?? ''");
    let text =
        until("the event is there", || shown().as_str().filter(|text| !text.is_empty()).map(str::to_owned));
    assert!(text.contains("12345678901234567890") && text.contains("1.50"), "{text}");
    browser.click(By::Words("Run without storing"));
    browser.sees("Verdict ok");
    assert_eq!(dir.count("event"), 1);
}
