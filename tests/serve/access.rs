//! Who may speak to the server: the names it goes by, and pages of other sites.

use crate::support::{Dir, evq, good, guest, serve};

const EVENT: (&str, &str) = ("content-type", "application/cloudevents+json");

#[test]
fn a_name_that_was_made_to_mean_this_machine_reaches_nothing() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &["--host", "evq.example"]);
    for (method, path) in [("GET", "/results"), ("GET", "/none"), ("POST", "/events"), ("GET", "/healthz")] {
        let refused = served.send(method, path, &[("host", "evil.example:8080"), EVENT], good(1).as_bytes());
        refused.assert_problem(421, "misdirected", &["evil.example", "--host evil.example"]);
    }
    for ours in ["localhost:1", "evq.example", "[::1]"] {
        served.send("GET", "/healthz", &[("host", ours)], ()).assert_status(200);
    }
    assert_eq!(dir.count("event"), 0);
    let typed = evq(["serve", &guest("echoes"), "--listen", "127.0.0.1:0", "--host", "evq.example:80"]);
    typed.in_(&dir).assert_refused(2, &["--host", "evq.example:80", "a name alone"]);
}

#[test]
fn a_page_of_another_site_sends_nothing_and_a_webhook_does() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let post = |header| served.post("/events", &[EVENT, header], good(1));
    for foreign in [("origin", "http://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")] {
        post(foreign).assert_problem(403, "cross-site", &["another site", "--host"]);
    }
    assert_eq!(dir.count("event"), 0);
    served.post_event("/events", good(1)).assert_status(202);
    post(("origin", served.url())).assert_status(202);
    let asks = [("webhook-request-origin", "evil.example"), ("origin", "http://evil.example")];
    served.options("/events", &asks).assert_status(200);
}
