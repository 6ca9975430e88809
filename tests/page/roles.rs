//! What a token may not do is not offered, and the page says why.

use super::browser::{Browser, By};
use crate::support::{Dir, Served, saying, serve};

const SEND: &str = "sends-0123456789abcdef";
const READ: &str = "reads-0123456789abcdef";
const OPERATE: &str = "operates-0123456789abcdef";
const WHY: &str = "Your token may look, not operate";

/// A server with one dead event and, at a handler that waits an hour, one that is pending.
fn with_work(dir: &Dir) -> Served {
    dir.secret("tokens", &format!("send {SEND} shop\nread {READ} bob\noperate {OPERATE} alice\n"));
    let served =
        serve(dir, "fails", &["--max-attempts", "2", "--retry-delay", "1h", "--token-file", "tokens"]);
    let operate = format!("Bearer {OPERATE}");
    let send = |id, path, header: (&str, &str), body: String| {
        let headers = [("authorization", &*operate), header];
        served.post(&format!("{path}{id}"), &headers, body)
    };
    let event = ("content-type", "application/cloudevents+json");
    for id in ["dead", "waits"] {
        send("", "/events", event, saying(id, "!")).assert_status(202);
    }
    crate::support::until("both were tried", || (dir.count("attempt") == 2).then_some(()));
    send("", "/events/dead/cancel?source=/test", ("content-type", "application/json"), "{}".to_owned())
        .assert_status(200);
    served
}

fn log_in(served: &Served, token: &str) -> Option<Browser> {
    let browser = Browser::open()?;
    browser.go(&format!("{}/#/", served.url()));
    browser.type_into("#token", token);
    browser.click(By::Css("form.login button"));
    browser.sees("Log out");
    Some(browser)
}

/// The words of every button and link that is shown, but for the way out.
fn offers(browser: &Browser) -> Vec<String> {
    let words = browser.run(
        "return [...document.querySelectorAll('button, a')].filter((one) => one.checkVisibility())
            .map((one) => one.innerText)",
    );
    words.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Each place, a text that it shows, and what whoever operates is offered there.
const PLACES: [(&str, &str, &[&str]); 5] = [
    ("#/dead", "cancelled", &["Retry all", "Drop all"]),
    ("#/event?id=dead&source=/test", "It was given up", &["Retry", "Drop"]),
    ("#/event?id=waits&source=/test", "Pending because", &["Cancel"]),
    ("#/handlers", "limits", &["Pause", "Try an event"]),
    ("#/try", "Try", &["Run without storing"]),
];

#[test]
fn whoever_may_only_look_is_offered_nothing_to_do_and_told_why() {
    let dir = Dir::new();
    let served = with_work(&dir);
    let Some(browser) = log_in(&served, READ) else { return };
    browser.sees("Unsettled");
    assert!(!offers(&browser).contains(&"Try".to_owned()), "{:?}", offers(&browser));
    for (place, text, operating) in PLACES {
        browser.go(&format!("{}/{place}", served.url()));
        browser.sees(text);
        browser.sees(WHY);
        let offered = offers(&browser);
        assert!(
            operating.iter().all(|words| !offered.contains(&(*words).to_owned())),
            "{place}: {offered:?}"
        );
    }
    // Nothing was asked for that its role does not allow.
    let complaints = browser.complaints();
    assert!(complaints.iter().all(|complaint| !complaint.contains("403")), "{complaints:?}");
}

#[test]
fn whoever_operates_is_offered_everything() {
    let dir = Dir::new();
    let served = with_work(&dir);
    let Some(browser) = log_in(&served, OPERATE) else { return };
    for (place, text, operating) in PLACES {
        browser.go(&format!("{}/{place}", served.url()));
        browser.sees(text);
        let is_offered = || {
            let offered = offers(&browser);
            operating.iter().all(|words| offered.contains(&(*words).to_owned())).then_some(())
        };
        crate::support::until(&format!("{place} offers {operating:?}"), is_offered);
        assert!(!browser.text().contains(WHY), "{}", browser.text());
    }
}

#[test]
fn whoever_may_only_send_is_told_so() {
    let dir = Dir::new();
    let served = with_work(&dir);
    let Some(browser) = log_in(&served, SEND) else { return };
    browser.sees("Your token may send events, and look at nothing");
    browser.click(By::Words("Log out shop"));
    browser.type_into("#token", READ);
    browser.click(By::Css("form.login button"));
    browser.sees("Unsettled");
}
