//! A claim waits, and ends in time.

use std::thread;
use std::time::{Duration, Instant};

use super::bench::{Bench, ROOM, failed, ids_of};
use crate::event::Settlement;
use crate::store::Claim;

/// A claim that reaches this was woken by nothing.
const LONG: Duration = Duration::from_secs(20);
const SOON: Duration = Duration::from_secs(10);

/// Claims in another thread; does `act` until the claim has ended, which it must soon.
fn claim_while(bench: &Bench, mut act: impl FnMut()) -> Claim {
    let (queue, handler, begin) = (bench.queue(), bench.registered.handler, Instant::now());
    thread::scope(|scope| {
        let claim = scope.spawn(move || queue.claim(handler, ROOM, LONG).unwrap());
        act();
        while !claim.is_finished() && begin.elapsed() < SOON {
            thread::yield_now();
        }
        assert!(claim.is_finished(), "the claim still waits");
        claim.join().unwrap()
    })
}

pub fn a_claim_is_woken_by_an_event(bench: &mut Bench) {
    let claim = claim_while(bench, || {
        bench.enqueue(["a"]);
    });
    assert_eq!(ids_of(&claim.leases), ["a"]);
}

pub fn a_claim_is_woken_by_an_event_that_falls_due(bench: &mut Bench) {
    let leased = bench.leased("a");
    let at = bench.now().after(Duration::from_secs(3600));
    bench.settle(&leased, Settlement::RetryAt(at), failed("no"));
    let claim = claim_while(bench, || bench.advance(Duration::from_secs(3600)));
    assert_eq!(ids_of(&claim.leases), ["a"]);
}

pub fn a_claim_is_woken_by_a_released_lease(bench: &mut Bench) {
    let leased = bench.leased("a");
    let claim = claim_while(bench, || bench.queue().release(vec![leased.id]).unwrap());
    assert_eq!(ids_of(&claim.leases), ["a"]);
}

pub fn a_claim_is_ended_by_wake(bench: &mut Bench) {
    let claim = claim_while(bench, || bench.queue().wake(bench.registered.handler));
    assert_eq!(claim, Claim::default());
}

pub fn a_wake_before_the_claim_is_not_in_vain(bench: &mut Bench) {
    bench.queue().wake(bench.registered.handler);
    let begin = Instant::now();
    assert_eq!(bench.claim_within(ROOM, LONG), Claim::default());
    assert!(begin.elapsed() < SOON, "the claim was not woken");
}

pub fn a_claim_whose_time_is_up_is_empty_and_says_what_is_due_next(bench: &mut Bench) {
    bench.enqueue(["a", "b"]);
    let leases = bench.claim();
    let at = |seconds| bench.now().after(Duration::from_secs(seconds));
    bench.settle(&leases[0], Settlement::RetryAt(at(20)), failed("no"));
    bench.settle(&leases[1], Settlement::RetryAt(at(10)), failed("no"));
    let claim = bench.claim_within(ROOM, Duration::from_millis(1));
    assert_eq!(claim, Claim { leases: Vec::new(), next_due_at: Some(at(10)) });
}
