//! What a claim brings, and in which order.

use std::time::Duration;

use super::bench::{Bench, ROOM, event, failed, ids_of, recorded};
use crate::event::{Settlement, parse_event};
use crate::store::Room;

pub fn the_oldest_comes_first(bench: &mut Bench) {
    bench.enqueue(["c", "a"]);
    bench.enqueue(["b"]);
    assert_eq!(ids_of(&bench.claim()), ["c", "a", "b"]);
}

pub fn an_event_is_leased_once(bench: &mut Bench) {
    bench.enqueue(["a"]);
    assert_eq!(bench.claim().len(), 1);
    assert!(bench.claim().is_empty());
    assert_eq!(bench.claim_suspect(), None);
}

pub fn a_claim_brings_only_its_handlers_events(bench: &mut Bench) {
    bench.enqueue(["a"]);
    bench.switch_to("other");
    bench.enqueue(["b"]);
    assert_eq!(ids_of(&bench.claim()), ["b"]);
}

pub fn a_claim_keeps_to_its_number_of_events(bench: &mut Bench) {
    bench.enqueue(["a", "b", "c"]);
    let room = Room { events_max: 2, ..ROOM };
    assert_eq!(ids_of(&bench.claim_within(room, Duration::ZERO).leases), ["a", "b"]);
    assert_eq!(ids_of(&bench.claim_within(room, Duration::ZERO).leases), ["c"]);
}

pub fn a_claim_keeps_to_its_bytes(bench: &mut Bench) {
    bench.enqueue(["a", "b", "c"]);
    let two_bytes = event("a").json().len() as u64 * 2;
    let claim = |bytes_max| ids_of(&bench.claim_within(Room { bytes_max, ..ROOM }, Duration::ZERO).leases);
    assert_eq!(claim(two_bytes - 1), ["a"]);
    assert_eq!(claim(two_bytes), ["b", "c"]);
}

pub fn an_event_larger_than_the_room_comes_alone(bench: &mut Bench) {
    bench.enqueue(["a", "b"]);
    let room = Room { bytes_max: 1, ..ROOM };
    assert_eq!(ids_of(&bench.claim_within(room, Duration::ZERO).leases), ["a"]);
    assert_eq!(ids_of(&bench.claim_within(room, Duration::ZERO).leases), ["b"]);
}

pub fn an_event_arrives_as_it_was_received(bench: &mut Bench) {
    let json = "{\"data\":{\"z\":123456789012345678901234567890, \"a\":1.50},\t\"type\":\"t\",\
        \"source\":\"/s\",\"id\":\"\u{e9}\",\"specversion\":\"1.0\"}";
    let accepted_at = bench.now();
    bench.enqueue_all(vec![parse_event(json.as_bytes(), 1000).unwrap()]);
    // Not from what memory still holds, but from what was made durable.
    bench.crash();
    bench.advance(Duration::from_secs(1));
    let leased = bench.claim_one();
    assert_eq!(&*leased.json, json);
    assert_eq!(leased.accepted_at, accepted_at);
    assert_eq!(leased.hops, 0);
}

pub fn a_retry_that_fell_due_is_not_starved_by_new_events(bench: &mut Bench) {
    bench.enqueue(["old", "new 1", "new 2"]);
    let old = bench.claim_one();
    bench.retry(&old, failed("no"));
    assert_eq!(ids_of(&[bench.claim_one()]), ["old"]);
}

pub fn an_event_is_not_claimed_before_its_time(bench: &mut Bench) {
    let leased = bench.leased("a");
    let at = bench.now().after(Duration::from_secs(10));
    bench.settle(&leased, Settlement::RetryAt(at), failed("no"));
    bench.advance(Duration::from_millis(9_999));
    assert!(bench.claim().is_empty());
    bench.advance(Duration::from_millis(1));
    assert_eq!(ids_of(&bench.claim()), ["a"]);
}

pub fn a_released_lease_costs_no_attempt(bench: &mut Bench) {
    bench.enqueue(["a", "b"]);
    let leases = bench.claim();
    bench.queue().release(leases.iter().map(|leased| leased.id).collect()).unwrap();
    bench.crash();
    assert!(bench.orphans().is_empty());
    let again = bench.claim();
    assert_eq!(ids_of(&again), ["a", "b"]);
    assert!(again.iter().all(|leased| leased.counts.attempts == 1));
}

pub fn a_stale_lease_is_not_released(bench: &mut Bench) {
    let first = bench.leased("a");
    bench.retry(&first, failed("no"));
    let second = bench.claim_one();
    bench.queue().release(vec![first.id]).unwrap();
    assert!(bench.claim().is_empty());
    assert!(recorded(bench.done(&second)));
}
