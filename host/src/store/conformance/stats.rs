//! The counts agree with what was done.

use std::time::Duration;

use super::bench::{Bench, failed, module};
use crate::event::Settlement;
use crate::store::{ModuleIdentity, Stats};

pub fn an_empty_store_counts_nothing(bench: &mut Bench) {
    let stats = bench.stats();
    assert_eq!(Stats { database_bytes: 0, ..stats }, Stats::default());
}

pub fn every_state_is_counted(bench: &mut Bench) {
    bench.enqueue(["ok 1", "ok 2", "dead", "retry", "leased"]);
    let leases = bench.claim();
    bench.done(&leases[0]);
    bench.done(&leases[1]);
    bench.dead(&leases[2], "no");
    let at = bench.now().after(Duration::from_secs(1));
    bench.settle(&leases[3], Settlement::RetryAt(at), failed("no"));
    bench.enqueue(["new 1", "new 2"]);
    let stats = bench.stats();
    assert_eq!((stats.events, stats.ok, stats.dead, stats.leased, stats.pending), (7, 2, 1, 1, 3));
    assert!(stats.database_bytes > 0);
}

pub fn results_are_counted_by_module(bench: &mut Bench) {
    bench.done(&bench.leased("a"));
    bench.bury(["b"], "no");
    let newer = ModuleIdentity { sha256: [0xCD; 32], ..module("h") };
    bench.registered = bench.register(&newer);
    bench.done(&bench.leased("c"));
    let expected = [("h".into(), "ab".repeat(32), 1, 1), ("h".into(), "cd".repeat(32), 1, 0)];
    assert_eq!(bench.stats().modules, expected);
}

pub fn reasons_are_counted_most_first(bench: &mut Bench) {
    bench.bury(["a"], "rare");
    bench.bury(["b", "c"], "often");
    for n in 0..10 {
        bench.bury([&*format!("id {n}")], &format!("z {n}"));
    }
    let reasons = bench.stats().dead_reasons;
    assert_eq!(reasons[..2], [("often".into(), 2), ("rare".into(), 1)]);
    assert_eq!(reasons.len(), 10);
}

pub fn the_oldest_pending_event_is_named(bench: &mut Bench) {
    let begin = bench.now();
    bench.enqueue(["a"]);
    bench.advance(Duration::from_secs(1));
    bench.enqueue(["b"]);
    assert_eq!(bench.stats().oldest_pending_at, Some(begin));
    let first = bench.claim_one();
    assert_eq!(bench.stats().oldest_pending_at, Some(bench.now()), "a leased event does not wait");
    bench.done(&first);
    bench.done(&bench.claim_one());
    assert_eq!(bench.stats().oldest_pending_at, None);
}

pub fn numbers_are_given_once_and_kept(bench: &mut Bench) {
    let first = bench.registered;
    let newer = ModuleIdentity { engine: "engine 2".into(), ..module("h") };
    let other_engine = bench.register(&newer);
    assert_eq!(other_engine.handler, first.handler, "a handler is known by its name");
    assert_ne!(other_engine.module, first.module);
    let other = bench.register(&module("other"));
    assert_ne!(other.handler, first.handler);
    bench.crash();
    assert_eq!(bench.register(&module("h")), first);
    assert_eq!(bench.register(&newer), other_engine);
}
