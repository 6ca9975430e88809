//! A person's hand: a handler is paused, an event is cancelled.

use serde_json::{Value, json};

use crate::support::{Dir, Served, evq, good, handler, many, saying, serve, serve_config, until};

fn turn(served: &Served, path: &str) -> Value {
    served.post(path, &[], "").assert_status(200).json()
}

#[test]
fn the_events_of_a_paused_handler_wait_also_over_a_restart() {
    let dir = Dir::new();
    dir.write("evq.toml", format!("{}{}", handler("fails", ""), handler("echoes", "")));
    let served = serve_config(&dir, &[]);
    assert_eq!(turn(&served, "/handlers/echoes/pause")["state"], "paused");
    served.post_event("/events", good(1)).assert_status(202);
    until("the other handler has run it", || (dir.count("outcome") == 1).then_some(()));
    assert_eq!(served.handler("fails")["state"], "running");
    // It is told of a moment after it is in the database.
    let series = until("the settlement is told", || {
        let series = served.get("/metrics").body;
        series.contains("evq_event_settled_after_seconds_count 1").then_some(series)
    });
    for line in [
        "evq_handler_paused{handler=\"echoes\"} 1",
        "evq_handler_paused{handler=\"fails\"} 0",
        "evq_queue_depth{handler=\"echoes\"} 1",
        "evq_queue_depth{handler=\"fails\"} 0",
        &format!("evq_queue_bytes{{handler=\"echoes\"}} {}", good(1).len()),
        "evq_queue_bytes{handler=\"fails\"} 0",
    ] {
        assert!(series.lines().any(|told| told == line), "no {line:?} in\n{series}");
    }
    assert!(!series.contains("evq_oldest_pending_age_seconds 0.0\n"), "{series}");
    assert!(evq(["stats"]).in_(&dir).assert_code(0).stdout().contains("paused    echoes"));
    served.kill();
    let served = serve_config(&dir, &[]);
    assert_eq!(served.handler("echoes")["state"], "paused");
    let one = served.post_event("/events?wait=300ms", good(2)).assert_status(202);
    assert_eq!(one.json()["fate"], "accepted");
    assert_eq!(dir.sql("SELECT DISTINCT handler FROM results"), "fails");
    assert_eq!(dir.count("pending WHERE attempts > 0"), 0);
    assert_eq!(turn(&served, "/handlers/echoes/resume")["state"], "running");
    until("what waited is settled", || (dir.count("results WHERE handler = 'echoes'") == 2).then_some(()));
    served.stop().assert_code(0);
    dir.assert_sound();
}

/// What was claimed before the pause, and not begun, is given back. The first event keeps the only worker
/// busy for as long as it may, so that the pause comes while all the others are claimed.
#[test]
fn a_pause_takes_hold_though_many_events_are_claimed() {
    let dir = Dir::new();
    let alone = ["--workers", "1", "--timeout", "3s", "--fuel", "1000000000000000"];
    let served = serve(&dir, "loops_first", &alone);
    let events: Vec<String> = std::iter::once(saying(0, "!")).chain(many(100)).collect();
    let batch = [("content-type", "application/cloudevents-batch+json")];
    served.post("/events", &batch, format!("[{}]", events.join(","))).assert_status(202);
    until("all are claimed", || (dir.count("pending WHERE leased = 1") == 101).then_some(()));
    turn(&served, "/handlers/loops_first/pause");
    until("all is given back", || (dir.count("pending WHERE leased = 1") == 0).then_some(()));
    assert_eq!(dir.count("pending WHERE attempts = 0"), 100, "begun after the pause");
    turn(&served, "/handlers/loops_first/resume");
    until("all is settled", || (dir.count("outcome") == 101).then_some(()));
    assert_eq!(dir.sql("SELECT event_id, attempts FROM results WHERE attempts > 1"), "0|2");
    served.stop().assert_code(0);
}

#[test]
fn a_handler_that_is_not_there_is_not_paused() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    served.post("/handlers/other/pause", &[], "").assert_problem(404, "not-found", &["other", "/handlers"]);
    served.get("/handlers/echoes/pause").assert_problem(405, "method-not-allowed", &[]);
}

#[test]
fn an_event_that_waits_is_cancelled_and_its_sender_told() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    turn(&served, "/handlers/echoes/pause");
    let answer = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| served.post_event("/events?wait=30s", good(1)));
        until("it waits", || (dir.count("pending") == 1).then_some(()));
        let cancelled = turn(&served, "/events/1/cancel?source=/test");
        assert_eq!(cancelled, json!({"cancelled": ["echoes"], "running": 0}));
        waiting.join().unwrap().assert_status(200).json()
    });
    assert_eq!((&answer["status"], &answer["error"]), (&json!("dead"), &json!("cancelled")));
    let again = served.post("/events/1/cancel?source=/test", &[], "");
    again.assert_problem(409, "not-waiting", &["settled"]);
    let elsewhere = served.post("/events/1/cancel?source=/other", &[], "");
    elsewhere.assert_problem(404, "not-found", &["source"]);
    served.post("/events/1/cancel", &[], "").assert_problem(400, "invalid-request", &["source"]);
    assert!(served.get("/metrics").body.contains("evq_queue_depth{handler=\"echoes\"} 0"));
    turn(&served, "/handlers/echoes/resume");
    served.post_event("/events?wait=30s", good(2)).assert_status(200);
    served.stop().assert_code(0);
    assert_eq!(dir.sql("SELECT event_id, status FROM results ORDER BY 1"), "1|dead\n2|ok");
    // Nobody ran it, so nothing compares.
    evq(["verify"]).in_(&dir).assert_code(0);
    evq(["dead", "retry", "--event", "1"]).in_(&dir).assert_code(0);
    evq(["run", &crate::support::guest("echoes")]).in_(&dir).assert_code(0);
    assert_eq!(dir.sql("SELECT event_id, status, attempts FROM results WHERE event_id = '1'"), "1|ok|2");
}

#[test]
fn an_event_that_runs_is_not_cancelled() {
    let dir = Dir::new();
    let served = serve(&dir, "loops_first", &["--timeout", "1h", "--fuel", "1000000000000000"]);
    served.post_event("/events", saying(1, "!")).assert_status(202);
    until("it runs", || (dir.count("pending WHERE leased = 1") == 1).then_some(()));
    let refused = served.post("/events/1/cancel?source=/test", &[], "");
    refused.assert_problem(409, "running", &["is running"]);
    served.kill();
}
