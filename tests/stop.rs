//! Ctrl-C: once for an orderly end, twice for an end at once. Neither loses anything.

use crate::support::{Dir, Running, evq, guest, handler, many, saying, until};

/// Starts work that takes minutes and waits until some of it is done.
fn start_long_work(dir: &Dir) -> Running {
    dir.events(many(10_000));
    let running = evq(["run", &guest("works_long"), "events.ndjson", "--json"]).start_in(dir);
    until("something is done", || (dir.count("outcome") >= 20).then_some(()));
    running
}

#[test]
fn an_interrupt_settles_what_ran_and_gives_back_the_rest_uncounted() {
    for signal in ["INT", "TERM"] {
        let dir = Dir::new();
        let mut running = start_long_work(&dir);
        running.signal(signal);
        running.says("stopping: what runs is finished and recorded");
        let sum = running.wait().assert_code(130).summary();
        assert!(20 <= sum.ok && sum.ok < 10_000, "{sum:?}");
        assert_eq!(dir.count("results WHERE status = 'ok' AND attempts = 1"), sum.ok);
        assert_eq!(dir.count("pending WHERE leased = 0 AND attempts = 0"), dir.count("event") - sum.ok);
        assert_eq!(dir.count("attempt"), 0);
        evq(["run", &guest("counts"), "events.ndjson", "--name", "works_long"]).in_(&dir).assert_code(0);
        assert_eq!(dir.sql("SELECT count(DISTINCT event_id), max(attempts) FROM results"), "10000|1");
        dir.assert_sound();
    }
}

#[test]
fn an_interrupt_ends_a_run_that_waits_for_its_input() {
    let dir = Dir::new();
    let mut running = evq(["run", &guest("counts"), "--print"]).start_in(&dir);
    running.write(format!("{}\n", crate::support::good(1)).as_bytes());
    running.line();
    running.signal("INT");
    until("it has ended", || running.has_ended().then_some(()));
    running.wait().assert_code(130);
}

/// One waits for its retry, the other for what that may emit.
#[test]
fn an_interrupt_ends_a_run_of_several_handlers() {
    let dir = Dir::new();
    let two = [handler("asks_for_an_hour", ""), handler("echoes", "")].concat();
    dir.write("evq.toml", two).events([saying(1, "later")]);
    let running = evq(["run", "--config", "evq.toml", "events.ndjson", "--quiet"]).start_in(&dir);
    until("one waits, the other is done", || {
        (dir.count("attempt") == 1 && dir.count("outcome") == 1).then_some(())
    });
    running.signal("INT");
    running.wait().assert_code(130);
    assert_eq!(dir.sql("SELECT leased, attempts, deferrals FROM pending"), "0|1|1");
}

#[test]
fn an_interrupt_ends_a_run_that_waits_for_a_retry() {
    let dir = Dir::new();
    dir.events([saying(1, "later")]);
    let running = evq(["run", &guest("asks_for_an_hour"), "events.ndjson", "--quiet"]).start_in(&dir);
    until("it waits", || (dir.count("attempt") == 1).then_some(()));
    running.signal("INT");
    running.wait().assert_code(130);
    assert_eq!(dir.sql("SELECT leased, attempts, deferrals FROM pending"), "0|1|1");
}

#[test]
fn a_second_interrupt_ends_at_once_and_loses_nothing() {
    let dir = Dir::new();
    dir.events([vec![saying("slow", "!")], many(500).collect()].concat());
    let typed = evq(["run", &guest("loops_first"), "events.ndjson", "--workers", "1"]);
    let mut running = typed.args(&["--timeout", "1h", "--fuel", "1000000000000000"]).start_in(&dir);
    until("the slow one runs", || (dir.count("pending WHERE leased = 1") > 0).then_some(()));
    running.signal("INT");
    running.says("once more to stop at once");
    assert!(!running.has_ended());
    running.signal("INT");
    running.wait().assert_code(130);
    evq(["run", &guest("loops_first"), "events.ndjson"]).in_(&dir).assert_code(0);
    assert_eq!(dir.count("results WHERE status = 'ok'"), 501);
    assert_eq!(dir.sql("SELECT attempts FROM results WHERE event_id = 'slow'"), "2");
    dir.assert_sound();
}

/// What runs is bounded by its own limits, so an orderly end is, too.
#[test]
fn after_one_interrupt_a_handler_that_hangs_is_stopped_by_its_timeout() {
    let dir = Dir::new();
    dir.events([saying("slow", "!")]);
    let typed = evq(["run", &guest("loops"), "events.ndjson", "--quiet"]);
    let running = typed.args(&["--timeout", "1s", "--fuel", "1000000000000000"]).start_in(&dir);
    until("it runs", || (dir.count("pending WHERE leased = 1") == 1).then_some(()));
    running.signal("INT");
    running.wait().assert_code(130);
    // On a slow machine the first attempt may be over before it is seen to run.
    assert_eq!(dir.sql("SELECT DISTINCT verdict FROM attempt"), "timeout");
}
