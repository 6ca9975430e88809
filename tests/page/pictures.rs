//! Pictures of the page for the README, made when they are asked for:
//! `EVQ_PICTURES=docs/page cargo test --release -p wasm-evq --test evq page::pictures`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::browser::Browser;
use crate::support::{Dir, good, saying, serve};

/// How long events flow before the first picture, so that the charts have something to show.
const FLOW: Duration = Duration::from_secs(20);

#[test]
fn pictures_are_made_where_they_are_wanted() {
    let Ok(folder) = std::env::var("EVQ_PICTURES") else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let dir = Dir::new();
    dir.secret("key", "for-its-handler-alone");
    let granted = ["--env", "CURRENCY=EUR", "--secret-file", "API_KEY=key"];
    let served =
        serve(&dir, "fails", &[&["--max-attempts", "2", "--retry-delay", "1s"][..], &granted].concat());
    let started = Instant::now();
    let batch = [("content-type", "application/cloudevents-batch+json")];
    for round in 0.. {
        let event = |n: u32| {
            let id = format!("order-{}", round * 40 + n);
            if n.is_multiple_of(37) { saying(id, "!") } else { good(id) }
        };
        let events: Vec<String> = (0..20 + (round * 7) % 20).map(event).collect();
        served.post("/events", &batch, format!("[{}]", events.join(","))).assert_status(202);
        if started.elapsed() > FLOW {
            break;
        }
    }
    let Some(browser) = Browser::open() else { return };
    for (name, place, text) in [
        ("overview", "#/", "Unsettled"),
        ("events", "#/events", "accepted"),
        ("event", "#/event?id=order-0&source=/test", "Attempt 1"),
        ("dead", "#/dead", "no luck"),
        ("handlers", "#/handlers", "limits"),
        ("try", "#/try", "Run without storing"),
    ] {
        browser.go(&format!("{}/{place}", served.url()));
        browser.sees(text);
        save(&browser, folder.join(format!("{name}.png")));
    }
    browser.prefer("dark");
    browser.go(&format!("{}/#/", served.url()));
    browser.sees("Unsettled");
    save(&browser, folder.join("overview-dark.png"));
}

fn save(browser: &Browser, path: PathBuf) {
    std::fs::write(path, BASE64_STANDARD.decode(browser.screenshot()).unwrap()).unwrap();
}
