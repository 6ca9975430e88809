//! What is run again, how often, and what is kept of it.

use crate::support::{Dir, evq, good, guest, saying};

/// Runs a guest on one event beside a good one, with short delays.
fn run(dir: &Dir, name: &str, options: &[&str]) -> crate::support::Summary {
    dir.events([saying("bad", "f"), good("good")]);
    let typed = evq(["run", &guest(name), "events.ndjson", "--json", "--retry-delay", "1ms"]);
    typed.args(options).in_(dir).summary()
}

#[test]
fn a_failure_is_retried_five_times_and_then_dead_with_its_whole_history() {
    let dir = Dir::new();
    let sum = run(&dir, "fails", &[]);
    assert_eq!((sum.ok, sum.dead, sum.attempts), (1, 1, 6));
    assert_eq!(dir.sql("SELECT error, attempts FROM results WHERE status = 'dead'"), "no luck|5");
    let each = (1..=5).map(|n| format!(r#"{n}|failed|no luck|[["warn","rolled a 3"]]"#));
    let history = "SELECT number, verdict, message, logs FROM attempt";
    assert_eq!(dir.sql(history), each.collect::<Vec<_>>().join("\n"));
}

#[test]
fn max_attempts_says_how_many_failures_are_enough() {
    for (most, attempts) in [("1", 1), ("3", 3)] {
        let dir = Dir::new();
        run(&dir, "fails", &["--max-attempts", most]);
        assert_eq!(dir.count("attempt WHERE verdict = 'failed'"), attempts);
    }
}

#[test]
fn a_timeout_is_retried_and_a_trap_is_not() {
    let dir = Dir::new();
    run(&dir, "loops", &["--timeout", "50ms", "--fuel", "1000000000000", "--max-attempts", "2"]);
    assert_eq!(dir.sql("SELECT number, verdict FROM attempt"), "1|timeout\n2|timeout");
    let dir = Dir::new();
    run(&dir, "traps", &[]);
    assert_eq!(dir.sql("SELECT number, verdict FROM attempt"), "1|trap");
}

#[test]
fn retry_after_is_not_counted_as_a_failure() {
    let dir = Dir::new();
    let sum = run(&dir, "asks_for_later", &["--max-attempts", "1"]);
    assert_eq!((sum.ok, sum.dead, sum.attempts), (2, 0, 9));
    assert_eq!(dir.sql("SELECT status, attempts FROM results WHERE event_id = 'bad'"), "ok|8");
    assert_eq!(dir.count("attempt WHERE verdict = 'retry_after'"), 7);
}

#[test]
fn retry_after_is_kept_to_the_delay_that_was_asked_for() {
    let dir = Dir::new();
    run(&dir, "asks_for_an_hour", &["--no-wait"]);
    let waits = "SELECT due_at_ms - finished_at_ms FROM pending JOIN attempt USING (event_seq)";
    assert_eq!(dir.sql(waits), "3600000");
}

#[test]
fn a_permanent_failure_is_dead_at_once() {
    let dir = Dir::new();
    let sum = run(&dir, "fails_for_good", &[]);
    assert_eq!((sum.ok, sum.dead, sum.attempts), (1, 1, 2));
    assert_eq!(dir.sql("SELECT error, attempts FROM results WHERE status = 'dead'"), "no stock|1");
}

#[test]
fn what_is_emitted_twice_is_enqueued_once() {
    let dir = Dir::new();
    let sum = run(&dir, "fails_once", &[]);
    assert_eq!((sum.ok, sum.attempts, sum.enqueued), (4, 5, 2));
    let made = "SELECT count(*), count(DISTINCT event_id), source FROM results WHERE type = 'made'";
    assert_eq!(dir.sql(made), "2|2|/wasm-evq/handlers/fails_once");
    dir.assert_sound();
}

/// Emitting ends in the same events even when the emitting event is forgotten and comes again.
#[test]
fn an_emitted_event_is_known_by_its_parent() {
    let dir = Dir::new();
    run(&dir, "fails_once", &[]);
    dir.change(
        "DELETE FROM outcome WHERE event_seq = 1; DELETE FROM attempt; DELETE FROM emitted;
         DELETE FROM event WHERE seq = 1",
    );
    let sum = run(&dir, "fails_once", &[]);
    assert_eq!((sum.enqueued, sum.duplicates, sum.ok), (1, 1, 1));
    assert_eq!(dir.count("results WHERE type = 'made'"), 2);
}

/// Two dead events of different types, with different errors at different handlers.
fn graveyard() -> Dir {
    let dir = Dir::new();
    run(&dir, "fails", &["--max-attempts", "2"]);
    let typed = evq(["run", &guest("fails_for_good"), "-"])
        .stdin(saying("lost", "x").replace(r#""test""#, r#""lost""#));
    typed.in_(&dir).assert_code(1);
    dir
}

#[test]
fn dead_events_are_listed_by_what_they_are_and_why() {
    let dir = graveyard();
    for (filter, events) in [
        (&[][..], vec!["bad", "lost"]),
        (&["--error", "no luck"], vec!["bad"]),
        (&["--error", "no"], vec!["bad", "lost"]),
        (&["--type", "lost"], vec!["lost"]),
        (&["--handler", "fails"], vec!["bad"]),
        (&["--event", "lost"], vec!["lost"]),
        (&["--event", "lost", "--handler", "fails"], vec![]),
        (&["--error", "100%"], vec![]),
    ] {
        let listed = evq(["dead", "list", "--json"]).args(filter).in_(&dir).assert_code(0).json_lines();
        assert_eq!(listed.iter().map(|row| row["event_id"].as_str().unwrap()).collect::<Vec<_>>(), events);
    }
    assert!(evq(["dead", "list"]).in_(&dir).assert_code(0).stdout().contains("no stock"));
}

#[test]
fn a_dry_run_says_how_many_and_changes_nothing() {
    let dir = graveyard();
    let before = dir.dump();
    let retry = evq(["dead", "retry", "--dry-run", "--type", "lost"]).in_(&dir).assert_code(0);
    assert_eq!(retry.stdout(), "1 dead event would be queued again\n");
    let drop = evq(["dead", "drop", "--dry-run"]).in_(&dir).assert_code(0);
    assert_eq!(drop.stdout(), "2 dead events would be dropped\n");
    assert!(before == dir.dump());
}

#[test]
fn a_dead_event_is_retried_with_its_history_and_a_new_count_of_failures() {
    let dir = graveyard();
    evq(["dead", "retry", "--error", "no luck"]).in_(&dir).assert_code(0);
    assert_eq!(dir.sql("SELECT attempts, failures FROM pending"), "2|0");
    assert_eq!(dir.sql("SELECT event_id FROM results WHERE status = 'dead'"), "lost");
    let again = ["--retry-delay", "1ms", "--max-attempts", "2"];
    evq(["run", &guest("fails")]).args(&again).in_(&dir).assert_code(1);
    assert_eq!(dir.sql("SELECT attempts FROM results WHERE event_id = 'bad'"), "4");
    // This time the handler is repaired.
    evq(["dead", "retry", "--event", "bad"]).in_(&dir).assert_code(0);
    evq(["run", &guest("counts"), "--name", "fails"]).in_(&dir).assert_code(0);
    assert_eq!(dir.sql("SELECT status, attempts FROM results WHERE event_id = 'bad'"), "ok|5");
    assert_eq!(dir.count("attempt WHERE verdict = 'failed'"), 4);
    dir.assert_sound();
}

#[test]
fn dead_events_are_dropped_only_when_someone_says_yes() {
    let dir = graveyard();
    let refused = evq(["dead", "drop", "--type", "lost"]).in_(&dir).assert_code(2);
    assert!(refused.stderr().contains("--yes"));
    assert_eq!(dir.count("results WHERE status = 'dead'"), 2);
    evq(["dead", "drop", "--type", "lost", "--yes"]).in_(&dir).assert_code(0);
    assert_eq!(dir.sql("SELECT event_id FROM results WHERE status = 'dead'"), "bad");
    assert_eq!(dir.count("event WHERE id = 'lost'"), 0);
    dir.assert_sound();
}

#[test]
fn dead_events_are_not_touched_while_a_run_owns_the_database() {
    let dir = graveyard();
    let mut running = evq(["run", &guest("counts"), "--print"]).start_in(&dir);
    running.write(format!("{}\n", good(1)).as_bytes());
    running.line();
    let refused = evq(["dead", "retry"]).in_(&dir).assert_code(3);
    assert!(refused.stderr().contains("in use by another wasm-evq"));
}
