//! `--print-accepted`: what a producer is told of each line it sent, and that it is true by then.

use serde_json::{Value, json};

use crate::support::{Dir, Evq, evq, good, guest, many, saying, until};

fn told(fate: &str, file: &str, line: u64, id: &str) -> Value {
    json!({"fate": fate, "file": file, "line": line, "event_id": id, "source": "/test", "reason": null})
}

#[test]
fn each_line_is_told_its_fate_in_the_order_of_the_input() {
    let dir = Dir::new();
    dir.write("a.ndjson", [good(1), "nonsense".into(), String::new(), good(2), good(1)].join("\n"));
    dir.write("b.ndjson", good(3));
    let typed = evq(["run", &guest("echoes"), "a.ndjson", "-", "b.ndjson", "--print-accepted", "--quiet"]);
    let lines = typed.stdin(good(2)).in_(&dir).assert_code(1).json_lines();
    let reason = dir.sql("SELECT reason FROM rejected");
    let rejected = json!({"fate": "rejected", "file": "a.ndjson", "line": 2, "event_id": null,
        "source": null, "reason": reason});
    let fates = [
        told("enqueued", "a.ndjson", 1, "1"),
        rejected,
        told("enqueued", "a.ndjson", 4, "2"),
        told("duplicate", "a.ndjson", 5, "1"),
        told("duplicate", "-", 1, "2"),
        told("enqueued", "b.ndjson", 1, "3"),
    ];
    assert_eq!(lines, fates);
}

#[test]
fn the_line_is_a_contract() {
    let dir = Dir::new();
    let typed = evq(["run", &guest("echoes"), "-", "--print-accepted"]).stdin(good("a\\\"b"));
    let line = r#"{"fate":"enqueued","file":"-","line":1,"event_id":"a\"b","source":"/test","reason":null}"#;
    assert_eq!(typed.in_(&dir).assert_code(0).stdout(), format!("{line}\n"));
}

/// The pipe stays open: nobody has to end the input, or send more, to be told.
#[test]
fn what_is_told_is_in_the_database_already() {
    let dir = Dir::new();
    let mut running = evq(["run", &guest("echoes"), "-", "--print-accepted"]).start_in(&dir);
    for id in 1..=3 {
        running.write(format!("{}\n", good(id)).as_bytes());
        let line: Value = serde_json::from_str(&running.line()).unwrap();
        assert_eq!(line, told("enqueued", "-", 2 * id - 1, &id.to_string()));
        assert_eq!(dir.count("event"), id);
        running.write(format!("no event {id}\n").as_bytes());
        assert!(running.line().contains(r#""fate":"rejected""#));
        assert_eq!(dir.count("rejected"), id);
    }
    running.wait().assert_code(1);
}

#[test]
fn beside_results_the_lines_can_be_told_apart() {
    let dir = Dir::new();
    dir.events([good(1), saying(2, "no"), good(1)]);
    let typed = evq(["run", &guest("fails_for_good"), "events.ndjson", "--print", "--print-accepted"]);
    let lines = typed.in_(&dir).assert_code(1).json_lines();
    let with = |key: &str| lines.iter().filter(|line| line.get(key).is_some()).count();
    assert_eq!((lines.len(), with("fate"), with("status")), (5, 3, 2));
}

#[test]
fn only_with_the_summary_alone_it_does_not_go() {
    let dir = Dir::new();
    let typed = evq(["run", &guest("echoes"), "-", "--print-accepted", "--json"]);
    typed.in_(&dir).assert_refused(2, &["--print-accepted", "--json"]);
}

#[test]
fn a_reader_of_receipts_may_go_away() {
    let dir = Dir::new();
    dir.events(many(5000));
    let evq = env!("CARGO_BIN_EXE_wasm-evq");
    let run = format!("{evq} run {} events.ndjson --print-accepted --print --quiet", guest("echoes"));
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &format!("exec {run} | head -n 1")]);
    Evq::of(command).in_(&dir).assert_code(0);
    until("the run has ended", || (dir.count("results") == 5000).then_some(()));
}
