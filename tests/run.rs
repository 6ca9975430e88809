//! `run`: what goes in, what comes out, what it says and how it ends.

use crate::support::{Dir, evq, good, guest, many, saying};

#[test]
fn a_file_of_events_becomes_rows_of_results() {
    let dir = Dir::new();
    dir.events(many(3));
    evq(["run", &guest("echoes"), "events.ndjson"]).in_(&dir).assert_code(0);
    assert_eq!(
        dir.sql("SELECT event_id, source, type, handler, status, output, error, attempts FROM results"),
        (1..=3)
            .map(|id| format!("{id}|/test|test|echoes|ok|{}|NULL|1", good(id)))
            .collect::<Vec<_>>()
            .join("\n")
    );
    dir.assert_sound();
}

#[test]
fn the_columns_of_the_view_results_are_a_contract() {
    let dir = Dir::new();
    evq(["run", &guest("echoes"), "-"]).stdin(good(1)).in_(&dir).assert_code(0);
    assert_eq!(
        dir.sql("SELECT group_concat(name, ' ') FROM pragma_table_info('results')"),
        "event_id source type handler handler_sha256 status output error attempts fuel \
         peak_memory_bytes duration_us finished_at"
    );
    let is_plausible = "length(handler_sha256) = 64 AND fuel > 0 AND peak_memory_bytes = 17 * 65536 \
                        AND duration_us > 0 AND julianday('now') - julianday(finished_at) BETWEEN 0 AND 0.01";
    assert_eq!(dir.count(&format!("results WHERE {is_plausible}")), 1);
}

#[test]
fn the_summary_counts_everything_once() {
    let dir = Dir::new();
    let lines = [good(1), "nonsense".into(), good(1), saying(2, "no"), good(3), String::new()];
    dir.events(lines);
    let ended = evq(["run", &guest("fails_for_good"), "events.ndjson", "--json"]).in_(&dir).assert_code(1);
    let sum = ended.summary();
    assert_eq!((sum.read, sum.enqueued, sum.duplicates, sum.rejected), (5, 3, 1, 1));
    assert_eq!((sum.ok, sum.dead, sum.attempts), (2, 1, 3));
    assert_eq!(ended.stdout().lines().count(), 1);
    assert_eq!(ended.stderr(), "");
}

#[test]
fn events_come_from_a_pipe() {
    let dir = Dir::new();
    for (n, args) in [(1, vec![]), (2, vec!["-"])] {
        let ended = evq(["run", &guest("echoes"), "--json"]).args(&args).stdin(good(n)).in_(&dir);
        assert_eq!(ended.assert_code(0).summary().ok, 1);
    }
}

#[test]
fn events_come_from_several_files_and_a_pipe_between_them() {
    let dir = Dir::new();
    dir.write("a.ndjson", good("a")).write("b.ndjson", good("b"));
    evq(["run", &guest("echoes"), "a.ndjson", "-", "b.ndjson"]).stdin(good("p")).in_(&dir).assert_code(0);
    assert_eq!(dir.sql("SELECT group_concat(event_id, '') FROM results"), "apb");
}

#[test]
fn a_second_run_of_the_same_file_counts_duplicates_and_changes_nothing() {
    let dir = Dir::new();
    dir.events(many(500));
    let run = || evq(["run", &guest("counts"), "events.ndjson", "--json"]).in_(&dir).assert_code(0).summary();
    assert_eq!(run().enqueued, 500);
    let before = dir.dump();
    let second = run();
    assert_eq!((second.read, second.duplicates, second.enqueued, second.attempts), (500, 500, 0, 0));
    assert!(before == dir.dump(), "the second run changed a table");
}

#[test]
fn the_same_file_runs_through_another_handler() {
    let dir = Dir::new();
    dir.events(many(3));
    for handler in ["echoes", "counts"] {
        let ended = evq(["run", &guest(handler), "events.ndjson", "--json"]).in_(&dir);
        assert_eq!(ended.assert_code(0).summary().ok, 3);
    }
    assert_eq!(dir.sql("SELECT handler, count(*) FROM results GROUP BY 1"), "counts|3\nechoes|3");
    assert_eq!(dir.count("event"), 3);
}

#[test]
fn a_handler_is_known_by_its_name_not_by_its_file() {
    let dir = Dir::new();
    dir.events(many(2));
    evq(["run", &guest("echoes"), "events.ndjson", "--name", "it"]).in_(&dir).assert_code(0);
    let again = evq(["run", &guest("counts"), "events.ndjson", "--name", "it", "--json"]).in_(&dir);
    assert_eq!(again.assert_code(0).summary().duplicates, 2);
    assert_eq!(dir.sql("SELECT DISTINCT handler FROM results"), "it");
}

#[test]
fn the_same_id_of_another_source_is_another_event() {
    let dir = Dir::new();
    dir.events([good(1), good(1).replace("/test", "/other")]);
    let ended = evq(["run", &guest("echoes"), "events.ndjson", "--json"]).in_(&dir);
    assert_eq!(ended.assert_code(0).summary().ok, 2);
}

#[test]
fn the_exit_code_is_1_when_an_event_is_dead_or_rejected() {
    let dir = Dir::new();
    let run = |line: String| evq(["run", &guest("fails_for_good"), "-", "--quiet"]).stdin(line).in_(&dir);
    run(good(1)).assert_code(0);
    run(saying(2, "no")).assert_code(1);
    run("nonsense".into()).assert_code(1);
    run(String::new()).assert_code(0);
}

#[test]
fn without_input_what_is_pending_is_run() {
    let dir = Dir::new();
    dir.events([good(1), saying(2, "later")]);
    evq(["run", &guest("asks_for_an_hour"), "events.ndjson", "--no-wait"]).in_(&dir).assert_code(0);
    assert_eq!(dir.count("pending"), 1);
    // The hour goes by.
    dir.change("UPDATE pending SET due_at_ms = 1");
    let ended = evq(["run", &guest("asks_for_an_hour"), "--json"]).in_(&dir).assert_code(0).summary();
    assert_eq!((ended.read, ended.ok), (0, 1));
    assert_eq!(dir.sql("SELECT attempts FROM results WHERE event_id = '2'"), "2");
    dir.assert_sound();
}

#[test]
fn no_wait_leaves_a_retry_that_is_due_later_and_the_next_run_waits_for_it() {
    let dir = Dir::new();
    dir.events([good(1), saying(2, "fail")]);
    let run = |more: &[&str]| {
        let typed = evq(["run", &guest("fails_once"), "events.ndjson", "--json"]).args(more).in_(&dir);
        typed.assert_code(0).summary()
    };
    let left = run(&["--no-wait", "--retry-delay", "1h"]);
    assert_eq!((left.ok, left.attempts), (1, 2));
    let due_in_a_moment = "UPDATE pending SET due_at_ms = unixepoch('subsec') * 1000 + 300";
    dir.change(due_in_a_moment);
    let done = run(&[]);
    assert_eq!((done.duplicates, done.ok, done.dead), (2, 3, 0));
    dir.assert_sound();
}

#[test]
fn raw_lines_are_wrapped_and_known_by_their_content() {
    let dir = Dir::new();
    let lines = "{\"z\":1,\"a\":12345678901234567890123}\n[1.50]\n{\"z\":1,\"a\":12345678901234567890123}\n";
    let typed = evq(["run", &guest("echoes"), "-", "--raw", "org.bare", "--json"]).stdin(lines).in_(&dir);
    let sum = typed.assert_code(0).summary();
    assert_eq!((sum.read, sum.enqueued, sum.duplicates), (3, 2, 1));
    assert_eq!(dir.count("results WHERE type = 'org.bare' AND length(event_id) = 64"), 2);
    assert_eq!(dir.count(r#"results WHERE output LIKE '%{"z":1,"a":12345678901234567890123}%'"#), 1);
}

#[test]
fn raw_lines_can_name_their_id() {
    let dir = Dir::new();
    let lines = "{\"order\":{\"no\":17}}\n{\"order\":{\"no\":\"x/1\"}}\n{\"order\":{}}\n";
    let typed = evq(["run", &guest("echoes"), "-", "--raw", "o", "--id-pointer", "/order/no"]);
    typed.stdin(lines).in_(&dir).assert_code(1);
    assert_eq!(dir.sql("SELECT group_concat(event_id, ' ') FROM results"), "17 x/1");
    assert!(dir.sql("SELECT reason FROM rejected").contains("--id-pointer /order/no"));
}

#[test]
fn a_printed_result_is_recorded_already() {
    let dir = Dir::new();
    let mut running = evq(["run", &guest("echoes"), "--print"]).start_in(&dir);
    for id in 1..=3 {
        running.write(format!("{}\n", good(id)).as_bytes());
        let line: serde_json::Value = serde_json::from_str(&running.line()).unwrap();
        assert_eq!((&line["event_id"], &line["status"]), (&id.to_string().into(), &"ok".into()));
        assert_eq!(line["output"]["id"], id.to_string());
        assert_eq!(dir.count("results"), id);
    }
    running.wait().assert_code(0);
}

#[test]
fn printed_lines_and_the_rows_of_results_say_the_same() {
    let dir = Dir::new();
    dir.events([good(1), saying(2, "no")]);
    let ended = evq(["run", &guest("fails_for_good"), "events.ndjson", "--print", "--quiet"]).in_(&dir);
    let mut printed = ended.assert_code(1).json_lines();
    printed.sort_by_key(|line| line["event_id"].to_string());
    let listed = evq(["results", "--json"]).in_(&dir).json_lines();
    for (mut listed, printed) in listed.into_iter().zip(printed) {
        listed.as_object_mut().unwrap().remove("handler_sha256");
        assert_eq!(listed, printed);
    }
}

#[test]
fn quiet_says_nothing_at_all() {
    let dir = Dir::new();
    let ended = evq(["run", &guest("echoes"), "-", "--quiet"]).stdin(good(1)).in_(&dir).assert_code(0);
    assert_eq!((ended.stdout(), ended.stderr()), ("", ""));
}

#[test]
fn in_a_pipe_there_is_a_summary_and_no_progress() {
    let dir = Dir::new();
    dir.events(many(20_000));
    let ended = evq(["run", &guest("echoes"), "events.ndjson"]).in_(&dir).assert_code(0);
    assert_eq!(ended.stdout(), "");
    assert!(ended.stderr().starts_with("20000 read: 20000 enqueued, 0 duplicates, 0 rejected; 20000 ok"));
    assert_eq!(ended.stderr().lines().count(), 1);
    assert!(!ended.stderr().contains(['\r', '\x1b']));
}

#[test]
fn a_reader_of_printed_lines_may_go_away() {
    let dir = Dir::new();
    dir.events(many(5000));
    let shell =
        format!("exec {} run {} events.ndjson --print --quiet | head -n 1", evq_path(), guest("echoes"));
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &shell]);
    crate::support::Evq::of(command).in_(&dir).assert_code(0);
    crate::support::until("the run has ended", || (dir.count("results") == 5000).then_some(()));
}

fn evq_path() -> &'static str {
    env!("CARGO_BIN_EXE_wasm-evq")
}
