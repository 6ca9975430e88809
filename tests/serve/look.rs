//! Looking: results page by page, the dead, the stream, the series, the document.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};

use serde_json::{Value, json};

use crate::support::{BOUND, Dir, Served, good, saying, serve, until};

/// A server whose events 1 to 50 went well and whose events 51 to 60 are dead.
fn with_60_results(dir: &Dir) -> Served {
    let served = serve(dir, "fails", &["--max-attempts", "1"]);
    let events: Vec<_> = (1..=50).map(good).chain((51..=60).map(|id| saying(id, "!"))).collect();
    let batch = [("content-type", "application/cloudevents-batch+json")];
    served.post("/events", &batch, format!("[{}]", events.join(","))).assert_status(202);
    until("all are settled", || (dir.count("outcome") == 60).then_some(()));
    served
}

/// The ids on all pages.
fn walk(served: &Served, query: &str) -> Vec<String> {
    let (mut ids, mut after) = (Vec::new(), String::new());
    loop {
        let page = served.get(&format!("{query}{after}")).assert_status(200).json();
        let rows = page["results"].as_array().unwrap();
        ids.extend(rows.iter().map(|row| row["event_id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { return ids };
        after = format!("&after={next}");
    }
}

#[test]
fn results_are_walked_page_by_page_the_latest_first() {
    let dir = Dir::new();
    let served = with_60_results(&dir);
    let ids = |range: std::ops::RangeInclusive<u32>| range.rev().map(|id| id.to_string()).collect::<Vec<_>>();
    assert_eq!(walk(&served, "/results?limit=7"), ids(1..=60));
    assert_eq!(walk(&served, "/results?limit=7&status=ok&type=test&handler=fails"), ids(1..=50));
    assert_eq!(walk(&served, "/dead?limit=3"), ids(51..=60));
    assert_eq!(walk(&served, "/dead?error=no%20luck"), ids(51..=60));
    for nothing in ["type=other", "handler=other", "until=2000-01-01T00:00:00Z", "error=other"] {
        assert_eq!(walk(&served, &format!("/results?{nothing}")), [""; 0], "{nothing}");
    }
    assert_eq!(walk(&served, "/results?since=1h").len(), 60);
    let first = served.get("/results?status=ok&limit=1").json()["results"][0].clone();
    assert_eq!((&first["event_id"], &first["output"]), (&json!("50"), &json!("good")));
}

#[test]
fn events_are_walked_with_where_they_stand() {
    let dir = Dir::new();
    let served = with_60_results(&dir);
    let ids = |query: &str| -> Vec<String> {
        let (mut ids, mut after) = (Vec::new(), String::new());
        loop {
            let page = served.get(&format!("/events?limit=7&{query}{after}")).assert_status(200).json();
            ids.extend(
                page["events"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap().to_owned()),
            );
            let Some(next) = page["next"].as_str() else { return ids };
            after = format!("&after={next}");
        }
    };
    let range =
        |range: std::ops::RangeInclusive<u32>| range.rev().map(|id| id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(""), range(1..=60));
    assert_eq!(ids("state=dead"), range(51..=60));
    assert_eq!(ids("state=ok&handler=fails&type=test&source=%2Ftest"), range(1..=50));
    assert_eq!(ids("id=7"), ["7"]);
    for nothing in ["state=unsettled", "state=unmatched", "id=none", "handler=other"] {
        assert_eq!(ids(nothing), [""; 0], "{nothing}");
    }
    let first = served.get("/events?state=dead&limit=1").json()["events"][0].clone();
    assert_eq!(first["deliveries"], json!([{"handler": "fails", "state": "dead", "error": "no luck"}]));
}

#[test]
fn the_dead_are_counted_by_reason_and_retried_so_many_at_a_time() {
    let dir = Dir::new();
    let served = with_60_results(&dir);
    let reasons = served.get("/dead/reasons").assert_status(200).json();
    assert_eq!((&reasons["is_complete"], &reasons["reasons"][0]["events"]), (&json!(true), &json!(10)));
    let count = served.get("/dead/count?error_is=no%20luck&handler=fails").assert_status(200).json();
    assert_eq!((&count["events"], &count["is_more"]), (&json!(10), &json!(false)));
    assert_eq!(served.get("/dead/count?error_is=no").json()["events"], 0, "the whole text");
    let until = count["as_of"].as_str().unwrap().replace(':', "%3A");
    let retry = |limit: u32| {
        let path = format!("/dead/retry?limit={limit}&until={until}");
        let answer =
            served.post(&path, &[("content-type", "application/json")], r#"{"error_is": "no luck"}"#);
        answer.assert_status(200).json()["retried"].as_u64().unwrap()
    };
    assert_eq!([retry(4), retry(4), retry(4)], [4, 4, 2], "what died again was not counted");
    until_dead_again(&dir);
    assert_eq!(retry(4), 0);
    let far =
        served.post("/dead/retry?limit=1001", &[("content-type", "application/json")], r#"{"scope":"all"}"#);
    far.assert_problem(400, "invalid-request", &["1001", "1 to 1000"]);
}

fn until_dead_again(dir: &Dir) {
    until("all have run twice", || (dir.count("outcome WHERE attempts = 2") == 10).then_some(()));
}

#[test]
fn a_list_that_cannot_be_is_refused() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    for (query, part) in [
        ("limit=1001", "1 to 1000"),
        ("limit=0", "1 to 1000"),
        ("limit=x", "limit"),
        ("status=good", "status"),
        ("after=x", "`next`"),
        ("since=soon", "10m"),
        ("stauts=ok", "stauts"),
    ] {
        served.get(&format!("/results?{query}")).assert_problem(400, "invalid-request", &[part]);
    }
}

#[test]
fn the_dead_are_retried_and_dropped_by_filter() {
    let dir = Dir::new();
    let served = with_60_results(&dir);
    let act = |path: &str, which: Value| {
        served.post(path, &[("content-type", "application/json")], which.to_string())
    };
    let retried = act("/dead/retry", json!({"event": "51", "source": "/test"})).assert_status(200).json();
    assert_eq!(retried, json!({"retried": 1}));
    until("it has died again", || (dir.count("attempt WHERE number = 2") == 1).then_some(()));
    assert_eq!(act("/dead/drop", json!({"event": "52", "source": "/other"})).json(), json!({"dropped": 0}));
    assert_eq!(act("/dead/drop", json!({"event": "52"})).json(), json!({"dropped": 1}));
    act("/dead/drop", json!({})).assert_problem(400, "invalid-request", &["\"scope\": \"all\""]);
    act("/dead/drop", json!({"event": null})).assert_problem(400, "invalid-request", &["null"]);
    act("/dead/drop", json!({"evnt": "52"})).assert_problem(400, "invalid-request", &["evnt"]);
    let text = served.post("/dead/drop", &[("content-type", "text/plain")], r#"{"scope":"all"}"#);
    text.assert_problem(415, "unsupported-media-type", &["application/json"]);
    assert_eq!(act("/dead/drop", json!({"scope": "all"})).json(), json!({"dropped": 9}));
    assert_eq!(dir.sql("SELECT count(*), max(status) FROM results"), "50|ok");
}

#[test]
fn a_stream_tells_of_results_as_they_are_recorded() {
    let dir = Dir::new();
    let served = serve(&dir, "fails", &["--max-attempts", "1"]);
    let opened = ureq::get(format!("{}/stream", served.url()));
    let opened = opened.config().timeout_global(Some(BOUND)).build().call().unwrap();
    assert_eq!(opened.headers()["content-type"], "text/event-stream");
    let mut lines = BufReader::new(opened.into_body().into_reader()).lines();
    served.post_event("/events", good(1)).assert_status(202);
    served.post_event("/events", saying(2, "!")).assert_status(202);
    let mut told = Vec::new();
    while told.len() < 2 {
        if let Some(data) = lines.next().unwrap().unwrap().strip_prefix("data: ") {
            let row: Value = serde_json::from_str(data).unwrap();
            told.push((row["event_id"].as_str().unwrap().to_owned(), row["status"].clone()));
        }
    }
    // Two workers may end in either order.
    told.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert_eq!(told, [("1".to_owned(), json!("ok")), ("2".to_owned(), json!("dead"))]);
    served.terminate();
    assert_eq!(lines.map_while(Result::ok).filter(|line| line.starts_with("data")).count(), 0);
    served.ended().assert_code(0);
}

#[test]
fn the_series_tell_what_was_done() {
    let dir = Dir::new();
    let served = with_60_results(&dir);
    served.post_event("/events", good(1)).assert_status(202);
    // They are told of a moment after they are in the database.
    let answer = until("all settlements are told", || {
        let answer = served.get("/metrics").assert_status(200);
        answer.body.contains("evq_event_settled_after_seconds_count 60").then_some(answer)
    });
    assert!(answer.headers["content-type"].starts_with("text/plain"));
    for line in [
        "evq_events_accepted_total 60",
        "evq_events_duplicate_total 1",
        "evq_attempts_total{handler=\"fails\",verdict=\"ok\"} 50",
        "evq_attempts_total{handler=\"fails\",verdict=\"failed\"} 10",
        "evq_queue_depth{handler=\"fails\"} 0",
        "evq_queue_bytes{handler=\"fails\"} 0",
        "evq_oldest_pending_age_seconds 0.0",
        "evq_event_settled_after_seconds_count 60",
        "evq_attempt_fuel_count 60",
        "evq_attempt_peak_memory_bytes_count 60",
        "evq_accept_duration_seconds_count 2",
    ] {
        assert!(answer.body.lines().any(|told| told == line), "no {line:?} in\n{}", answer.body);
    }
    assert!(!answer.body.contains("evq_wal_bytes 0\n"), "{}", answer.body);
}

#[test]
fn the_document_describes_every_path() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let document = served.get("/openapi.json").assert_status(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths: HashSet<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "/events",
        "/events/{id}",
        "/results",
        "/dead",
        "/dead/reasons",
        "/dead/count",
        "/dead/retry",
        "/dead/drop",
        "/events/{id}/cancel",
        "/handlers",
        "/overview",
        "/handlers/{name}/invoke",
        "/handlers/{name}/pause",
        "/handlers/{name}/resume",
        "/stream",
        "/metrics",
        "/healthz",
        "/readyz",
        "/login",
        "/logout",
        "/session",
    ];
    assert_eq!(paths, expected.into_iter().collect());
    assert_eq!(document["components"]["schemas"]["Which"]["minProperties"], 1);
    assert_eq!(document["paths"]["/results"]["get"]["security"], json!(null), "nobody is asked who he is");
}

#[test]
fn many_results_of_large_output_come_in_several_pages() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let large = "x".repeat(900_000);
    for id in 1..=20 {
        served.post_event("/events", saying(id, &large)).assert_status(202);
    }
    until("all are settled", || (dir.count("outcome") == 20).then_some(()));
    let page = served.get("/results").assert_status(200);
    assert!(page.body.len() < 12_000_000, "{}", page.body.len());
    assert_eq!(walk(&served, "/results?limit=1000").len(), 20);
}
