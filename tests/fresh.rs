//! Every attempt gets an instance that no attempt used before, whatever the one before it did.

use crate::support::{Dir, evq, guest, many, saying};

#[test]
fn a_handler_that_counts_answers_1_for_every_event_on_any_number_of_workers() {
    for workers in ["1", "2", "8"] {
        let dir = Dir::new();
        dir.events(many(3000));
        evq(["run", &guest("counts"), "events.ndjson", "--workers", workers]).in_(&dir).assert_code(0);
        assert_eq!(dir.sql("SELECT output, count(*) FROM results GROUP BY 1"), "1|3000");
    }
}

#[test]
fn the_modules_data_is_as_the_module_has_it_for_every_event() {
    let dir = Dir::new();
    dir.events(many(3000));
    evq(["run", &guest("counts_in_data"), "events.ndjson"]).in_(&dir).assert_code(0);
    assert_eq!(dir.sql("SELECT output, count(*) FROM results GROUP BY 1"), "62|3000");
}

/// Each attempt covers its whole memory with marks and then ends well, traps, fails or is stopped;
/// none may find a mark of another, in the memory it starts with or in what it takes.
#[test]
fn memory_that_one_attempt_wrote_is_never_seen_by_another() {
    let dir = Dir::new();
    let ends = [".", "t", "f", ".", "."];
    let ending = |n: usize| if n % 500 == 250 { "l" } else { ends[n % ends.len()] };
    dir.events((0..2000).map(|n| saying(n, ending(n))));
    let typed = evq(["run", &guest("leaves_marks"), "events.ndjson", "--json", "--workers", "4"]);
    let options =
        ["--max-attempts", "2", "--retry-delay", "1ms", "--timeout", "250ms", "--fuel", "100000000000"];
    let sum = typed.args(&options).in_(&dir).assert_code(1).summary();
    assert_eq!(sum.ok + sum.dead, 2000);
    assert_eq!(dir.sql("SELECT DISTINCT output FROM results WHERE status = 'ok'"), "\"clean\"");
    assert_eq!(
        dir.sql("SELECT group_concat(DISTINCT verdict) FROM attempt ORDER BY 1"),
        "trap,failed,timeout"
    );
}

#[test]
fn the_same_event_sees_the_same_clock_and_random_bytes_in_every_attempt() {
    let dir = Dir::new();
    dir.events(many(3));
    let typed = evq(["run", &guest("tells_what_it_sees"), "events.ndjson", "--retry-delay", "10ms"]);
    typed.in_(&dir).assert_code(0);
    let both = "attempt JOIN outcome USING (event_seq) WHERE CAST(message AS BLOB) = output";
    assert_eq!(dir.count(both), 3);
    assert_eq!(dir.sql("SELECT count(DISTINCT substr(output, 9)) FROM outcome"), "3");
}

#[test]
fn the_same_event_burns_the_same_fuel() {
    let fuel = || {
        let dir = Dir::new();
        dir.events(many(200));
        evq(["run", &guest("echoes"), "events.ndjson"]).in_(&dir).assert_code(0);
        dir.sql("SELECT event_id, fuel, peak_memory_bytes FROM results")
    };
    assert_eq!(fuel(), fuel());
}
