//! One event in: what is accepted, what is refused, and how it is said.

use serde_json::json;

use crate::support::{Dir, good, saying, serve, until};

#[test]
fn an_accepted_event_is_in_the_file_and_its_link_tells_its_story() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let answer = served.post_event("/events", good("a/b")).assert_status(202);
    assert_eq!(dir.count("event"), 1);
    assert_eq!(answer.headers["location"], "/events/a%2Fb?source=%2Ftest");
    assert_eq!(answer.json()["fate"], "accepted");
    let shown = until("it is settled", || {
        let shown = served.get(&answer.headers["location"]).assert_status(200).json();
        (shown["events"][0]["deliveries"][0]["state"] == "ok").then_some(shown)
    });
    assert_eq!(shown["events"][0]["deliveries"][0]["attempts"][0]["verdict"], "ok");
    served.get("/events/none").assert_problem(404, "not-found", &["none"]);
    served.get("/events/a%2Fb?source=/other").assert_problem(404, "not-found", &[]);
}

#[test]
fn the_same_event_again_is_a_duplicate_and_says_so() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    served.post_event("/events", good(1)).assert_status(202);
    let again = served.post_event("/events", good(1)).assert_status(202).json();
    assert_eq!(
        again,
        json!({"fate": "duplicate", "id": "1", "source": "/test", "link": "/events/1?source=%2Ftest"})
    );
    assert_eq!(dir.count("event"), 1);
}

#[test]
fn bare_json_has_its_type_in_the_query_and_its_id_in_a_header_or_its_hash() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let (json, key) = (("content-type", "application/json"), ("idempotency-key", "order-7"));
    let keyed = served.post("/events?type=order", &[json, key], r#"{"n":12345678901234567890}"#);
    assert_eq!(keyed.assert_status(202).json()["id"], "order-7");
    let hashed = || served.post("/events?type=order", &[json], "{}").assert_status(202).json();
    let first = hashed();
    assert_eq!(first["id"].as_str().unwrap().len(), 64);
    assert_eq!(hashed()["fate"], "duplicate");
    let kept = dir.sql("SELECT json FROM event WHERE id = 'order-7'");
    assert!(kept.contains(r#""type":"order","data":{"n":12345678901234567890}"#), "{kept}");
}

#[test]
fn what_is_no_event_is_refused_with_the_reason_and_leaves_nothing() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &["--max-event", "200B"]);
    let json = [("content-type", "application/json")];
    let no_source = served.post_event("/events", r#"{"specversion":"1.0","id":"1","type":"t"}"#);
    let problem = no_source.assert_problem(400, "invalid-event", &["`source` is missing"]);
    assert_eq!(problem["attribute"], "source");
    served.post_event("/events", "{").assert_problem(
        400,
        "invalid-event",
        &["not a CloudEvents JSON object"],
    );
    let large = served.post_event("/events", vec![b' '; 201]);
    assert_eq!(large.assert_problem(413, "too-large", &["200 bytes"])["limit"], 200);
    served.post("/events", &json, "{}").assert_problem(400, "invalid-request", &["?type="]);
    served.post("/events?type=t", &json, "{").assert_problem(400, "invalid-event", &["not JSON"]);
    let text = [("content-type", "text/plain")];
    served.post("/events", &text, "x").assert_problem(415, "unsupported-media-type", &["text/plain", "ce-"]);
    served.post_event("/events?wiat=5s", good(1)).assert_problem(400, "invalid-request", &["wiat"]);
    let headers = [("ce-specversion", "1.0"), ("ce-id", "%C0%A0"), ("ce-source", "/s"), ("ce-type", "t")];
    served.post("/events", &headers, "").assert_problem(400, "invalid-event", &["`id`", "UTF-8"]);
    assert_eq!(dir.count("event"), 0);
}

#[test]
fn what_a_path_does_not_have_is_a_problem_too() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    served.get("/none").assert_problem(404, "not-found", &["/openapi.json"]);
    served.get("/dead/retry").assert_problem(405, "method-not-allowed", &[]);
    assert_eq!(served.get("/healthz").assert_status(200).headers["x-content-type-options"], "nosniff");
}

#[test]
fn a_full_queue_and_a_full_disk_refuse_and_say_when_to_come_again() {
    let dir = Dir::new();
    let served = serve(&dir, "asks_for_an_hour", &["--max-pending", "1"]);
    // It is not settled for an hour, so the queue stays full.
    served.post_event("/events", saying(1, "later")).assert_status(202);
    let full = served.post_event("/events", good(2));
    assert_eq!(full.headers["retry-after"], "1");
    assert_eq!(full.assert_problem(429, "queue-full", &["limit is 1"])["limit"], 1);
    served.get("/readyz").assert_problem(429, "queue-full", &[]);
    served.stop().assert_code(0);
    let served = serve(&dir, "asks_for_an_hour", &["--max-pending-size", "64B"]);
    let full = served.post_event("/events", good(2));
    assert_eq!(full.headers["retry-after"], "1");
    let waits = format!("events of {} bytes wait", saying(1, "later").len());
    assert_eq!(full.assert_problem(429, "queue-full", &[&waits, "limit is 64"])["limit"], 64);
    served.stop().assert_code(0);
    let served = serve(&dir, "asks_for_an_hour", &["--min-free-disk", "1000PB"]);
    let full = served.post_event("/events", good(3));
    assert_eq!(full.headers["retry-after"], "30");
    full.assert_problem(503, "disk-full", &["bytes free"]);
    assert_eq!(dir.count("event"), 1);
}

/// At each of its handlers an event weighs what its JSON does, whichever way it comes there and goes.
#[test]
fn a_queue_that_is_full_of_bytes_accepts_again_once_they_are_settled() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &["--max-pending-size", "1000B"]);
    let accepts = || served.get("/readyz").status == 200;
    let batch = [("content-type", "application/cloudevents-batch+json")];
    served.post("/handlers/echoes/pause", &[], "").assert_status(200);
    let (large, filling) = (saying(1, &"x".repeat(800)), "x".repeat(100));
    served.post_event("/events", large.as_str()).assert_status(202);
    served.post_event("/events", large.as_str()).assert_status(202);
    assert!(accepts(), "a duplicate weighs nothing");
    served.post("/events", &batch, format!("[{},{}]", saying(2, &filling), good(3))).assert_status(202);
    served.post_event("/events", good(9)).assert_problem(429, "queue-full", &["bytes wait"]);
    served.post("/events/1/cancel?source=/test", &[], "").assert_status(200);
    assert!(accepts(), "what is cancelled weighs nothing");
    served
        .post("/dead/retry", &[("content-type", "application/json")], r#"{"scope":"all"}"#)
        .assert_status(200);
    assert!(!accepts(), "what is retried weighs again");
    served.kill();
    let served = serve(&dir, "echoes", &["--max-pending-size", "1000B"]);
    served.post_event("/events", good(9)).assert_problem(429, "queue-full", &["bytes wait"]);
    served.post("/handlers/echoes/resume", &[], "").assert_status(200);
    until("all is settled", || (served.get("/readyz").status == 200).then_some(()));
    served.post_event("/events?wait=30s", good(9)).assert_status(200);
    served.stop().assert_code(0);
    dir.assert_sound();
}
