//! What is over is kept for a while and then forgotten; what waits or is dead is kept.

use crate::support::{Dir, evq, good, guest, saying, serve, until};

const DAYS_40_MS: u64 = 40 * 24 * 3600 * 1000;

/// A database in which 2,000 events went well and three, the oldest among them, did not.
fn with_2003_results(dir: &Dir, text: &str) {
    let dead = |id| saying(id, "!");
    let lines =
        [dead(0)].into_iter().chain((1..=2000).map(|id| saying(id, text))).chain([dead(2001), dead(2002)]);
    dir.events(lines);
    let typed = evq(["run", &guest("fails"), "events.ndjson", "--quiet", "--max-attempts", "1"]);
    typed.args(&["--name", "h"]).in_(dir).assert_code(1);
    assert_eq!(dir.sql("SELECT count(*), sum(status = 'dead') FROM results"), "2003|3");
}

fn served(dir: &Dir, more: &[&str]) -> crate::support::Served {
    serve(dir, "fails", &[&["--name", "h"], more].concat())
}

#[test]
fn what_was_over_a_month_ago_is_forgotten_without_being_told_and_the_dead_are_kept() {
    let dir = Dir::new();
    with_2003_results(&dir, ".");
    dir.events([saying("later", "l")]);
    evq(["run", &guest("asks_for_an_hour"), "events.ndjson", "--no-wait"]).in_(&dir);
    dir.change(&format!(
        "UPDATE event SET accepted_at_ms = accepted_at_ms - {DAYS_40_MS} WHERE id <> '2000';
         UPDATE outcome SET finished_at_ms = finished_at_ms - {DAYS_40_MS};
         INSERT OR IGNORE INTO attempt SELECT event_seq, handler_id, 1, module_id, 'ok', NULL, NULL, NULL, 1, 1, 1, 1
             FROM outcome;
         INSERT INTO emitted SELECT event_seq, handler_id, 1, zeroblob(32), event_seq FROM outcome;
         INSERT INTO rejected VALUES (1, '-', 1, 'no', x'00', 1);"
    ));
    let served = served(&dir, &[]);
    until("all that is over is forgotten", || (dir.count("event") == 5).then_some(()));
    assert_eq!(dir.sql("SELECT group_concat(event_id) FROM results"), "0,2000,2001,2002");
    assert_eq!(dir.sql("SELECT count(*) FROM pending"), "1", "it waits");
    until("rejected lines, too", || (dir.count("rejected") == 0).then_some(()));
    let metrics = served.get("/metrics").body;
    assert!(metrics.contains("\nevq_events_forgotten_total 1999\n"), "{metrics}");
    served.get("/events/1").assert_problem(404, "not-found", &[]);
    let again = served.post_event("/events?wait=30s", good(1)).assert_status(200);
    assert_eq!(again.json()["status"], "ok", "a forgotten event that comes again is run again");
    served.stop().assert_code(0);
    assert_eq!(dir.sql("PRAGMA integrity_check"), "ok");
    assert_eq!(dir.sql("PRAGMA foreign_key_check"), "");
}

#[test]
fn beyond_a_number_or_a_size_the_oldest_go() {
    let dir = Dir::new();
    with_2003_results(&dir, &".".repeat(1000));
    let server = served(&dir, &["--keep-events", "1000"]);
    until("the oldest are forgotten", || (dir.count("event") <= 1000).then_some(()));
    assert_eq!(dir.count("event"), 1000);
    assert_eq!(dir.sql("SELECT count(*) FROM results WHERE status = 'dead'"), "3");
    assert_eq!(dir.sql("SELECT min(CAST(event_id AS INTEGER)) FROM results WHERE status = 'ok'"), "1004");
    server.stop().assert_code(0);
    let used = "SELECT (page_count - freelist_count) * page_size
                FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    assert!(dir.sql(used).parse::<u64>().unwrap() > 1_000_000);
    let server = served(&dir, &["--keep-size", "500KB"]);
    until("it is small", || (dir.sql(used).parse::<u64>().unwrap() <= 500_000).then_some(()));
    server.stop().assert_code(0);
    assert_eq!(dir.sql("SELECT count(*) FROM results WHERE status = 'dead'"), "3");
}

#[test]
fn all_is_kept_when_that_is_said_and_no_day_is_no_answer() {
    let dir = Dir::new();
    with_2003_results(&dir, ".");
    dir.change(&format!(
        "UPDATE event SET accepted_at_ms = 1; UPDATE outcome SET finished_at_ms = {DAYS_40_MS};"
    ));
    let server = served(&dir, &["--keep-all"]);
    server.post_event("/events?wait=30s", good("new")).assert_status(200);
    server.stop().assert_code(0);
    assert_eq!(dir.count("event"), 2004);
    let typed = evq(["serve", &guest("fails"), "--keep-days", "0"]);
    typed.in_(&dir).assert_refused(2, &["--keep-days is 0", "1 or more"]);
}
