//! Leases whose owner died, and the events suspected of it.

use std::time::Duration;

use super::bench::{Bench, ids_of, recorded};
use crate::event::{Settlement, Verdict};

pub fn leases_of_a_dead_owner_are_orphans_and_given_once(bench: &mut Bench) {
    bench.enqueue(["a", "b", "c"]);
    bench.claim();
    bench.crash();
    assert!(bench.claim().is_empty(), "an orphan is settled before it runs again");
    assert_eq!(ids_of(&bench.orphans()), ["a", "b", "c"]);
    assert!(bench.orphans().is_empty());
}

pub fn leases_held_now_are_no_orphans(bench: &mut Bench) {
    bench.crash();
    bench.leased("a");
    assert!(bench.orphans().is_empty());
}

pub fn orphans_belong_to_their_handler(bench: &mut Bench) {
    bench.leased("a");
    bench.switch_to("other");
    bench.leased("b");
    bench.crash();
    assert_eq!(ids_of(&bench.orphans()), ["b"]);
    bench.switch_to("h");
    assert_eq!(ids_of(&bench.orphans()), ["a"]);
}

pub fn an_orphan_is_settled_as_lost_and_run_again(bench: &mut Bench) {
    bench.lose("a");
    assert_eq!(bench.claim_suspect(), None, "one loss proves nothing");
    let again = bench.claim_one();
    assert_eq!((again.counts.attempts, again.counts.losses), (2, 1));
    assert!(recorded(bench.done(&again)));
    let attempts = bench.event("a").deliveries.remove(0).attempts;
    assert_eq!(attempts.iter().map(|a| &*a.verdict).collect::<Vec<_>>(), ["lost", "ok"]);
}

pub fn what_was_lost_twice_is_leased_alone_and_oldest_first(bench: &mut Bench) {
    bench.make_suspects(["a", "b"]);
    let first = bench.claim_suspect().unwrap();
    assert_eq!((first.counts.attempts, first.counts.losses), (3, 2));
    assert_eq!(ids_of(&[first]), ["a"]);
    assert_eq!(ids_of(&[bench.claim_suspect().unwrap()]), ["b"]);
    assert_eq!(bench.claim_suspect(), None);
}

pub fn an_event_that_was_never_lost_is_no_suspect(bench: &mut Bench) {
    bench.enqueue(["a"]);
    assert_eq!(bench.claim_suspect(), None);
    assert_eq!(ids_of(&bench.claim()), ["a"]);
}

pub fn a_suspect_that_waits_for_its_time_is_left(bench: &mut Bench) {
    bench.lose("a");
    let again = bench.claim_one();
    bench.crash();
    bench.orphans();
    let at = bench.now().after(Duration::from_secs(5));
    bench.settle(&again, Settlement::RetryAt(at), Verdict::Lost);
    assert_eq!(bench.claim_suspect(), None);
    bench.advance(Duration::from_secs(5));
    assert!(bench.claim_suspect().is_some());
}

pub fn orphans_survive_a_second_crash(bench: &mut Bench) {
    bench.leased("a");
    bench.crash();
    assert_eq!(bench.orphans().len(), 1);
    bench.crash();
    let orphans = bench.orphans();
    assert_eq!(ids_of(&orphans), ["a"]);
    assert_eq!(orphans[0].counts.attempts, 1, "giving an orphan out is no attempt");
}
