//! A person ends an event before it is run.

use std::time::Duration;

use super::bench::{Bench, event, failed, ids_of};
use crate::event::Settlement;
use crate::store::{Cancelled, DeadFilter, DeliveryState, ResultStatus, Route, StoredOutput};

fn cancel(bench: &Bench, id: &str) -> Cancelled {
    bench.queue().cancel("/source", id, None).unwrap()
}

fn of(handlers: &[&str]) -> Cancelled {
    Cancelled { handlers: handlers.iter().map(|name| (*name).to_owned()).collect(), running: 0 }
}

pub fn a_waiting_event_is_dead_at_once_by_an_attempt_that_nobody_ran(bench: &mut Bench) {
    bench.enqueue(["a", "b"]);
    assert_eq!(cancel(bench, "a"), of(&["h"]));
    bench.crash();
    let delivery = bench.event("a").deliveries.remove(0);
    let error = Some("cancelled".to_owned());
    let dead = DeliveryState::Settled { status: ResultStatus::Dead, output: StoredOutput::None, error };
    assert_eq!(delivery.state, dead);
    let attempts: Vec<_> = delivery.attempts.iter().map(|one| (one.number, &*one.verdict)).collect();
    assert_eq!(attempts, [(1, "cancelled")]);
    assert_eq!(bench.all_results()[0].figures, crate::event::Figures::default());
    assert_eq!((bench.stats().dead, bench.stats().pending), (1, 1));
}

pub fn what_runs_is_not_cancelled(bench: &mut Bench) {
    let leased = bench.leased("a");
    assert_eq!(cancel(bench, "a"), Cancelled { handlers: Vec::new(), running: 1 });
    assert!(super::bench::recorded(bench.done(&leased)));
}

pub fn one_handlers_part_is_cancelled_alone(bench: &mut Bench) {
    let other = bench.register(&super::bench::module("other"));
    let both = Route::to(&[bench.registered.handler, other.handler]);
    bench.enqueue_to(&both, vec![event("a"), event("b")]);
    assert_eq!(bench.queue().cancel("/source", "a", Some("other")).unwrap(), of(&["other"]));
    assert_eq!(cancel(bench, "b"), of(&["h", "other"]));
    assert_eq!(ids_of(&bench.claim()), ["a"]);
    bench.switch_to("other");
    assert!(bench.claim().is_empty());
}

pub fn an_event_that_waits_for_its_time_is_cancelled(bench: &mut Bench) {
    let at = bench.now().after(Duration::from_secs(9));
    bench.settle(&bench.leased("a"), Settlement::RetryAt(at), failed("no"));
    assert_eq!(cancel(bench, "a"), of(&["h"]));
    let attempts = bench.event("a").deliveries.remove(0).attempts;
    assert_eq!(attempts.iter().map(|one| &*one.verdict).collect::<Vec<_>>(), ["failed", "cancelled"]);
    bench.advance(Duration::from_secs(10));
    assert!(bench.claim().is_empty());
}

/// It may stand in memory already, ready to be claimed.
pub fn a_cancelled_event_is_not_claimed_and_can_be_retried(bench: &mut Bench) {
    assert!(bench.claim().is_empty());
    bench.enqueue(["a", "b", "c"]);
    cancel(bench, "b");
    bench.enqueue(["d"]);
    assert_eq!(ids_of(&bench.claim()), ["a", "c", "d"]);
    assert_eq!(bench.retry_dead(&DeadFilter::default()), 1);
    let again = bench.claim_one();
    assert_eq!((super::bench::id_of(&again), again.id.attempt), ("b".to_owned(), 2));
}

pub fn what_is_not_there_or_ended_is_not_cancelled(bench: &mut Bench) {
    bench.done(&bench.leased("a"));
    assert_eq!(cancel(bench, "a"), Cancelled::default());
    assert_eq!(cancel(bench, "none"), Cancelled::default());
    bench.enqueue(["b"]);
    assert_eq!(bench.queue().cancel("/other", "b", None).unwrap(), Cancelled::default());
    assert_eq!(bench.queue().cancel("/source", "b", Some("none")).unwrap(), Cancelled::default());
    assert_eq!(bench.stats().pending, 1);
}
