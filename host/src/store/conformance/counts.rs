//! Attempts and how they ended are counted.

use super::bench::{Bench, failed, ids_of, recorded, retry_after};
use crate::event::{AttemptCounts, Verdict};

fn counts(attempts: u32, failures: u32, deferrals: u32, losses: u32) -> AttemptCounts {
    AttemptCounts { attempts, failures, deferrals, losses }
}

/// The counts of the attempt after one that ended so.
fn next_counts(bench: &Bench, verdict: Verdict) -> AttemptCounts {
    let leased = bench.claim_one();
    assert!(recorded(bench.retry(&leased, verdict)));
    let next = bench.claim_one();
    assert_eq!(next.id.attempt, next.counts.attempts);
    next.counts
}

pub fn an_attempt_is_counted_before_it_runs(bench: &mut Bench) {
    assert_eq!(bench.leased("a").counts, counts(1, 0, 0, 0));
    bench.crash();
    let orphans = bench.orphans();
    assert_eq!(ids_of(&orphans), ["a"]);
    assert_eq!(orphans[0].counts, counts(1, 0, 0, 0));
    assert_eq!(orphans[0].id.attempt, 1);
}

pub fn a_failure_is_counted(bench: &mut Bench) {
    bench.enqueue(["a"]);
    assert_eq!(next_counts(bench, failed("no")), counts(2, 1, 0, 0));
}

pub fn retry_after_is_no_failure(bench: &mut Bench) {
    bench.enqueue(["a"]);
    assert_eq!(next_counts(bench, retry_after()), counts(2, 0, 1, 0));
}

pub fn a_loss_is_counted_apart(bench: &mut Bench) {
    bench.lose("a");
    assert_eq!(bench.claim_one().counts, counts(2, 0, 0, 1));
}

pub fn an_attempt_that_was_seen_to_end_clears_the_losses(bench: &mut Bench) {
    bench.enqueue(["a", "b"]);
    bench.claim();
    bench.crash();
    bench.orphans().iter().for_each(|orphan| assert!(recorded(bench.retry(orphan, Verdict::Lost))));
    let leases = bench.claim();
    assert_eq!(leases.iter().map(|leased| leased.counts.losses).collect::<Vec<_>>(), [1, 1]);
    bench.retry(&leases[0], failed("no"));
    bench.retry(&leases[1], retry_after());
    let again = bench.claim();
    assert_eq!(again[0].counts, counts(3, 1, 0, 0));
    assert_eq!(again[1].counts, counts(3, 0, 1, 0));
}
