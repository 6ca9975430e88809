//! Events that handlers emit.

use super::bench::{Bench, child, failed, id_of, ids_of, retry_after};
use crate::event::{NewEvent, Output, Settlement, Verdict};
use crate::store::SettleFate;

fn emits(emitted: Vec<NewEvent>) -> Verdict {
    Verdict::Ok { output: Output::None, emitted }
}

pub fn emitted_events_are_enqueued_with_the_settlement(bench: &mut Bench) {
    let leased = bench.leased("a");
    let verdict = emits(vec![child("a", 0), child("a", 1)]);
    assert_eq!(bench.settle(&leased, Settlement::Done, verdict), SettleFate::Recorded { emitted: 2 });
    bench.crash();
    let children = bench.claim();
    assert_eq!(ids_of(&children), [child("a", 0).id(), child("a", 1).id()]);
    assert!(children.iter().all(|child| child.hops == 1 && child.counts.attempts == 1));
}

pub fn emitted_events_of_a_second_run_are_duplicates(bench: &mut Bench) {
    let leased = bench.leased("a");
    bench.settle(&leased, Settlement::Done, emits(vec![child("a", 0)]));
    let first = bench.claim_one();
    bench.done(&first);
    let other = bench.leased("b");
    let fate = bench.settle(&other, Settlement::Done, emits(vec![child("a", 0), child("a", 1)]));
    assert_eq!(fate, SettleFate::Recorded { emitted: 1 }, "only what was enqueued counts");
    assert_eq!(ids_of(&bench.claim()), [child("a", 1).id()]);
}

pub fn a_lost_lease_emits_nothing(bench: &mut Bench) {
    let first = bench.leased("a");
    bench.retry(&first, failed("no"));
    let fate = bench.settle(&first, Settlement::Done, emits(vec![child("a", 0)]));
    assert_eq!(fate, SettleFate::LeaseLost);
    assert_eq!(ids_of(&bench.claim()), ["a"]);
    assert_eq!(bench.stats().events, 1);
}

pub fn only_a_settlement_that_is_done_emits(bench: &mut Bench) {
    let leased = bench.leased("a");
    bench.retry(&leased, retry_after());
    let again = bench.claim_one();
    assert_eq!(id_of(&again), "a");
    bench.settle(&again, Settlement::Dead, emits(vec![child("a", 0)]));
    assert_eq!(bench.stats().events, 1);
}
