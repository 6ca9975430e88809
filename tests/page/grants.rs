//! What a handler was granted, as its page tells it.

use sha2::{Digest, Sha256};

use super::browser::{Browser, By};
use crate::support::{Dir, Served, saying, serving};

const SECRET: &str = "yellow-bird";

#[test]
fn a_handlers_page_tells_values_and_of_secrets_the_names_alone() {
    let dir = Dir::new();
    let granted = [
        "--env",
        "CURRENCY=EUR",
        "--secret-env",
        "API_KEY=THE_KEY",
        "--max-attempts",
        "1",
        "--http",
        "https://a.example=GET,POST",
    ];
    let served = Served::start(&dir, serving("fails").args(&granted).env("THE_KEY", SECRET));
    served.post_event("/events?wait=30s", saying("a", "!")).assert_status(200);
    let Some(browser) = Browser::open() else { return };
    let mut shown = Vec::new();
    for (place, text) in [
        ("#/handlers", "CURRENCY=EUR"),
        ("#/handlers", "API_KEY secret"),
        ("#/handlers", "GET, POST https://a.example"),
        ("#/", "Unsettled"),
        ("#/events", "accepted"),
        ("#/event?id=a&source=/test", "Attempt 1"),
        ("#/dead", "no luck"),
        ("#/try?handler=fails", "Run without storing"),
    ] {
        browser.go(&format!("{}/{place}", served.url()));
        browser.sees(text);
        shown.push(source_of(&browser));
    }
    browser.type_into("#event", &saying("tried", "!"));
    browser.click(By::Words("Run without storing"));
    browser.sees("no luck");
    shown.push(source_of(&browser));
    for path in ["/handlers", "/overview", "/events/a", "/events", "/results", "/dead", "/metrics"] {
        shown.push(served.get(path).assert_status(200).body);
    }
    let ended = served.stop();
    shown.extend([ended.stdout().to_owned(), ended.stderr().to_owned()]);
    for trace in [SECRET.to_owned(), hex::encode(Sha256::digest(SECRET))] {
        assert!(shown.iter().all(|text| !text.contains(&trace)), "{trace} is in {shown:?}");
    }
}

/// All that the page holds, shown or not.
fn source_of(browser: &Browser) -> String {
    browser.run("return document.documentElement.outerHTML").as_str().unwrap().to_owned()
}
