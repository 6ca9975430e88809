//! Many events in one request: each one's fate is told, and none is lost in silence.

use serde_json::json;

use crate::support::{Answer, Dir, Served, good, serve};

fn post_batch(served: &Served, batch: &str) -> Answer {
    served.post("/events", &[("content-type", "application/cloudevents-batch+json")], batch)
}

#[test]
fn each_event_of_a_batch_is_told_its_fate_in_order() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    served.post_event("/events", good(1)).assert_status(202);
    let batch = format!(r#"[{},{{"id":7}},{},{},"no"]"#, good(1), good(2), good(2));
    let answer = post_batch(&served, &batch).assert_status(207).json();
    assert_eq!(json!([answer["accepted"], answer["duplicates"], answer["rejected"]]), json!([1, 2, 2]));
    let fates: Vec<_> = answer["events"].as_array().unwrap().iter().map(|one| one["fate"].clone()).collect();
    assert_eq!(fates, ["duplicate", "rejected", "accepted", "duplicate", "rejected"]);
    assert_eq!(answer["events"][1]["attribute"], "id");
    assert_eq!(
        dir.sql("SELECT file, line, bytes FROM rejected WHERE line = 2"),
        "POST /events|2|x'7b226964223a377d'"
    );
    assert_eq!(dir.count("event"), 2);
}

#[test]
fn a_batch_without_an_event_is_refused() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let problem = post_batch(&served, r#"[{"id":"1"}, 2]"#);
    problem.assert_problem(400, "invalid-event", &["none of 2 is an event", "`specversion` is missing"]);
    assert_eq!(dir.count("rejected"), 2);
    post_batch(&served, &good(1)).assert_problem(
        400,
        "invalid-request",
        &["not a JSON array", "nothing was accepted"],
    );
    post_batch(&served, "[1").assert_problem(400, "invalid-request", &["nothing was accepted"]);
    let many = format!("[{}0]", "0,".repeat(10_000));
    post_batch(&served, &many).assert_problem(413, "too-large", &["10001 events", "10000"]);
    assert_eq!(dir.count("event") + dir.count("rejected"), 2);
}
