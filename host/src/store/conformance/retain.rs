//! Forgetting what is over, and nothing else.

use std::time::Duration;

use super::bench::{Bench, child, event, ok, recorded, report};
use crate::clock::UnixMillis;
use crate::event::{LogLevel, LogLine, Output, Report, Settlement, Verdict};
use crate::store::{Bite, Bitten, EnqueueFate, EventSeq, Rejected, ResultFilter, Route};

const SECOND: Duration = Duration::from_secs(1);

fn all_before(before: UnixMillis) -> Bite {
    Bite { after: EventSeq(0), events_max: 1000, before }
}

fn is_new(fates: &[EnqueueFate]) -> bool {
    fates.iter().all(|fate| matches!(fate, EnqueueFate::Enqueued { .. }))
}

/// Settles events of these ids as done, then lets a second pass.
fn settled<const N: usize>(bench: &Bench, ids: [&str; N]) {
    ids.iter().for_each(|id| assert!(recorded(bench.done(&bench.leased(id)))));
    bench.advance(SECOND);
}

pub fn what_is_over_is_forgotten_with_all_its_history(bench: &mut Bench) {
    let leased = bench.leased("a");
    bench.retry(&leased, super::bench::failed("once"));
    let emits = Verdict::Ok { output: Output::None, emitted: vec![child("a", 0)] };
    assert!(recorded(bench.settle_with(&bench.claim_one(), Settlement::Done, report(emits))));
    bench.advance(SECOND);
    assert_eq!(bench.forget(all_before(bench.now())), Bitten { forgotten: 1, next: None });
    assert!(bench.events("a").is_empty() && bench.all_results().is_empty());
    assert_eq!(bench.stats().events, 1, "what it emitted waits");
    bench.crash();
    assert!(is_new(&bench.enqueue(["a"])), "the same event again is new");
    assert!(bench.event("a").deliveries[0].attempts.is_empty());
    let children = bench.orphans().len() + bench.claim().len();
    assert_eq!(children, 2);
}

pub fn what_waits_runs_or_is_dead_is_kept(bench: &mut Bench) {
    bench.bury(["dead"], "no");
    bench.leased("runs");
    settled(bench, ["over"]);
    bench.enqueue(["waits"]);
    bench.advance(SECOND);
    assert_eq!(bench.forget(all_before(bench.now())).forgotten, 1);
    assert!(bench.events("over").is_empty());
    let stats = bench.stats();
    assert_eq!((stats.events, stats.dead, stats.leased, stats.pending, stats.ok), (3, 1, 1, 1, 0));
}

pub fn an_event_is_over_when_it_is_at_every_handler(bench: &mut Bench) {
    settled(bench, ["dead elsewhere", "waits elsewhere", "over"]);
    bench.switch_to("other");
    bench.enqueue(["dead elsewhere"]);
    assert!(recorded(bench.dead(&bench.claim_one(), "no")));
    settled(bench, ["over"]);
    bench.enqueue(["waits elsewhere"]);
    assert_eq!(bench.forget(all_before(bench.now())).forgotten, 1);
    assert!(bench.events("over").is_empty());
    assert_eq!(bench.results(&ResultFilter::default()).len(), 3);
}

pub fn an_event_that_goes_to_nobody_is_over_when_it_is_old(bench: &mut Bench) {
    bench.enqueue_to(&Route::to_nobody(), vec![event("a")]);
    assert_eq!(bench.forget(all_before(bench.now())).forgotten, 0, "it came just now");
    bench.advance(SECOND);
    assert_eq!(bench.forget(all_before(bench.now())).forgotten, 1);
    assert_eq!((bench.stats().events, bench.stats().unmatched), (0, 0));
}

pub fn what_ended_later_is_kept(bench: &mut Bench) {
    let leased = bench.leased("late");
    bench.advance(SECOND);
    let before = bench.now();
    assert!(recorded(bench.done(&leased)));
    assert_eq!(bench.forget(all_before(before)).forgotten, 0);
    bench.advance(SECOND);
    assert_eq!(bench.forget(all_before(bench.now())).forgotten, 1);
}

pub fn a_bite_is_bounded_and_the_next_goes_on_behind_it(bench: &mut Bench) {
    bench.bury(["dead"], "no");
    settled(bench, ["a", "b", "c", "d"]);
    let before = bench.now();
    settled(bench, ["young", "younger"]);
    let mut bite = Bite { events_max: 2, ..all_before(before) };
    let mut forgotten = Vec::new();
    loop {
        let bitten = bench.forget(bite);
        forgotten.push(bitten.forgotten);
        let Some(next) = bitten.next else { break };
        bite.after = next;
    }
    assert_eq!(forgotten, [1, 2, 1], "the dead one and a; b and c; d and a young one, which ends it");
    assert_eq!(bench.stats().events, 3);
}

pub fn a_forgotten_events_number_is_not_given_again(bench: &mut Bench) {
    settled(bench, ["a"]);
    let forgotten = bench.event("a").seq;
    bench.forget(all_before(bench.now()));
    bench.crash();
    bench.enqueue(["b"]);
    assert!(bench.event("b").seq > forgotten);
}

pub fn rejected_lines_are_forgotten_the_oldest_first(bench: &mut Bench) {
    let reject = |line| {
        let rejected = Rejected { file: "-".into(), line, reason: "no".into(), bytes: Vec::new() };
        bench.queue().reject(vec![rejected]).unwrap();
        bench.advance(SECOND);
    };
    (1..=3).for_each(reject);
    let before = bench.now();
    reject(4);
    let forget = |rows_max| bench.queue().forget_rejected(before, rows_max).unwrap();
    assert_eq!((forget(2), forget(2), forget(2)), (2, 1, 0));
    assert_eq!(bench.stats().rejected, 1);
}

pub fn the_extent_shrinks_with_what_is_forgotten(bench: &mut Bench) {
    let empty = bench.inspect().extent().unwrap();
    let ids: Vec<String> = (0..500).map(|id| id.to_string()).collect();
    bench.enqueue_all(ids.iter().map(|id| event(id)).collect());
    // Each with logs, so that its attempt is kept, too.
    let logs = vec![LogLine { level: LogLevel::Info, text: "x".repeat(200).into() }];
    let done = || Report { logs: logs.clone(), ..report(ok()) };
    for leased in bench.claim() {
        assert!(recorded(bench.settle_with(&leased, Settlement::Done, done())));
    }
    bench.advance(SECOND);
    let full = bench.inspect().extent().unwrap();
    assert_eq!((empty.events, full.events), (0, 500));
    assert!(full.bytes > empty.bytes + 500 * 50, "{full:?}");
    bench.forget(all_before(bench.now()));
    let after = bench.inspect().extent().unwrap();
    assert_eq!(after.events, 0);
    assert!(after.bytes < empty.bytes + (full.bytes - empty.bytes) / 4, "{empty:?} {full:?} {after:?}");
}
