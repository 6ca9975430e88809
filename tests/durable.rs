//! What was accepted is settled once, whatever becomes of the process.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use crate::support::{Dir, evq, good, guest, many, saying, seed, until};

/// Runs a handler over `events.ndjson` and kills the process once that many results are recorded.
/// Returns how many were at its end.
fn run_and_kill(dir: &Dir, handler: &str, results: u64) -> u64 {
    let running = evq(["run", &guest(handler), "events.ndjson", "--quiet"]).start_in(dir);
    until("there are results to lose", || (dir.count("outcome") >= results).then_some(()));
    running.kill();
    dir.count("outcome")
}

/// Every event has exactly one result, none of them twice, and nothing waits.
#[track_caller]
fn assert_each_once(dir: &Dir, events: u64) {
    dir.assert_sound();
    assert_eq!(
        dir.sql("SELECT count(*), count(DISTINCT event_id) FROM results"),
        format!("{events}|{events}")
    );
}

#[test]
fn killed_in_the_middle_of_100_000_events_every_one_has_its_result_once() {
    let dir = Dir::new();
    dir.events(many(100_000));
    let before = run_and_kill(&dir, "counts", 30_000);
    assert!(before < 100_000, "it was too late to kill it");
    let sum = evq(["run", &guest("counts"), "events.ndjson", "--json"]).in_(&dir).assert_code(0).summary();
    assert_eq!((sum.read, sum.ok, sum.dead), (100_000, 100_000 - before, 0));
    assert_each_once(&dir, 100_000);
    assert_eq!(dir.sql("SELECT DISTINCT output FROM results"), "1");
}

#[test]
fn killed_again_and_again_at_any_moment_nothing_is_lost_or_doubled() {
    let mut random = SmallRng::seed_from_u64(seed());
    let dir = Dir::new();
    dir.events(many(20_000));
    let mut results = 0;
    while results < 15_000 {
        results = run_and_kill(&dir, "fans_out", results + random.random_range(1..6000));
        assert_eq!(dir.sql("PRAGMA integrity_check"), "ok");
    }
    evq(["run", &guest("fans_out"), "events.ndjson"]).in_(&dir);
    // What ran at three of the kills is dead, and has emitted nothing.
    let parents = "outcome JOIN event ON seq = event_seq WHERE parent_seq IS NULL";
    let emitted = 2 * dir.count(&format!("{parents} AND dead = 0"));
    assert_each_once(&dir, 20_000 + emitted);
    assert_eq!(dir.count("event WHERE parent_seq IS NOT NULL"), emitted);
    assert_eq!(dir.count("outcome WHERE dead = 1 AND attempts < 3"), 0);
    assert!(emitted > 39_000, "only {emitted} events were emitted");
}

#[test]
fn what_was_accepted_and_not_begun_needs_no_second_reading() {
    let dir = Dir::new();
    dir.events(many(5000));
    run_and_kill(&dir, "works_long", 10);
    let accepted = dir.count("event");
    evq(["run", &guest("counts"), "--name", "works_long"]).in_(&dir).assert_code(0);
    assert_each_once(&dir, accepted);
}

/// Starts a run whose only event hangs in its first attempt, and kills it there.
fn lose_an_attempt(dir: &Dir) {
    dir.events([saying("slow", "!")]);
    let typed = evq(["run", &guest("loops_first"), "events.ndjson"]);
    let running = typed.args(&["--timeout", "1h", "--fuel", "1000000000000000"]).start_in(dir);
    until("the attempt is counted", || (dir.count("pending WHERE leased = 1") == 1).then_some(()));
    running.kill();
}

#[test]
fn a_lost_attempt_is_counted_and_told() {
    let dir = Dir::new();
    lose_an_attempt(&dir);
    assert!(evq(["show", "slow"]).in_(&dir).stdout().contains("attempt 1 is running, or was lost"));
    evq(["run", &guest("loops_first")]).in_(&dir).assert_code(0);
    assert_eq!(dir.sql("SELECT status, attempts FROM results"), "ok|2");
    let shown = evq(["show", "slow"]).in_(&dir).assert_code(0);
    let story = "attempt 1: lost: the host ended while this attempt was claimed or running";
    assert!(shown.stdout().contains(story), "{}", shown.stdout());
    dir.assert_sound();
}

/// As many events are claimed as may be at once, and all of them are lost with the kill.
#[test]
fn after_a_kill_the_next_run_has_picked_up_everything_within_a_second() {
    let dir = Dir::new();
    dir.events([vec![saying("slow", "!")], many(10_000).collect()].concat());
    let typed = evq(["run", &guest("loops_first"), "events.ndjson", "--workers", "1"]);
    let running = typed.args(&["--timeout", "1h", "--fuel", "1000000000000000"]).start_in(&dir);
    until("all that may be is claimed", || (dir.count("pending WHERE leased = 1") == 8192).then_some(()));
    running.kill();
    let sum = evq(["run", &guest("loops_first"), "--json"]).in_(&dir).assert_code(0).summary();
    assert_eq!(sum.ok, dir.count("event"));
    assert!(sum.elapsed_ms < 1000, "{} ms", sum.elapsed_ms);
}

/// The event that was running whenever the host died is buried after three deaths; the ones that
/// were claimed beside it are served.
#[test]
fn an_event_that_the_host_dies_with_is_buried_and_its_neighbours_live() {
    let dir = Dir::new();
    dir.events([vec![saying("deadly", "!")], many(5).collect()].concat());
    for attempt in 1..=3 {
        let typed = evq(["run", &guest("loops"), "events.ndjson", "--workers", "1"]);
        let running = typed.args(&["--timeout", "1h", "--fuel", "1000000000000000"]).start_in(&dir);
        let it_runs = format!("pending WHERE leased = 1 AND event_seq = 1 AND attempts = {attempt}");
        until("it runs", || (dir.count(&it_runs) == 1).then_some(()));
        running.kill();
    }
    evq(["run", &guest("loops")]).in_(&dir).assert_code(1);
    assert_eq!(dir.sql("SELECT attempts FROM results WHERE event_id = 'deadly' AND status = 'dead'"), "3");
    assert_eq!(dir.count("results WHERE status = 'ok'"), 5);
    assert_each_once(&dir, 6);
}

#[test]
fn a_second_process_is_told_who_has_the_database() {
    let dir = Dir::new();
    let mut first = evq(["run", &guest("echoes"), "--print"]).start_in(&dir);
    first.write(format!("{}\n", good(1)).as_bytes());
    first.line();
    let owner = format!("in use by another wasm-evq (process {})", first.pid());
    evq(["run", &guest("echoes")]).in_(&dir).assert_refused(3, &["evq.db", &owner, "--db"]);
    // Looking is allowed meanwhile.
    assert!(evq(["results"]).in_(&dir).assert_code(0).stdout().contains("echoes"));
    first.wait().assert_code(0);
    evq(["run", &guest("echoes")]).in_(&dir).assert_code(0);
}

#[test]
fn another_programs_database_is_refused_and_left_as_it_is() {
    let dir = Dir::new();
    let theirs = rusqlite::Connection::open(dir.file("evq.db")).unwrap();
    theirs.execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)").unwrap();
    drop(theirs);
    let before = std::fs::read(dir.file("evq.db")).unwrap();
    let typed = evq(["run", &guest("echoes")]).stdin(good(1));
    typed.in_(&dir).assert_refused(3, &["evq.db", "another program's tables", "--db"]);
    assert!(before == std::fs::read(dir.file("evq.db")).unwrap(), "the file was changed");
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let dir = Dir::new();
    let text = "dear diary, ".repeat(500);
    dir.write("evq.db", &text);
    for command in [&["run", &*guest("echoes")][..], &["results"]] {
        evq(command).in_(&dir).assert_refused(3, &["evq.db is not a wasm-evq database", "--db"]);
    }
    assert_eq!(std::fs::read_to_string(dir.file("evq.db")).unwrap(), text);
}

#[test]
fn a_database_of_a_newer_program_is_refused() {
    let dir = Dir::new();
    evq(["run", &guest("echoes")]).in_(&dir).assert_code(0);
    dir.change("PRAGMA user_version = 99");
    for command in [&["run", &*guest("echoes")][..], &["stats"]] {
        evq(command).in_(&dir).assert_refused(3, &["schema version 99", "use the newer program"]);
    }
}
