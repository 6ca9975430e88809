//! A person's hand on dead events.

use std::time::Duration;

use super::bench::{Bench, event_from, ids_of, recorded};
use crate::event::AttemptCounts;
use crate::store::{DeadFilter, EnqueueFate};

fn error(part: &str) -> DeadFilter {
    DeadFilter { error_contains: Some(part.into()), ..DeadFilter::default() }
}

pub fn a_dead_event_is_not_claimed(bench: &mut Bench) {
    bench.bury(["a"], "no");
    bench.crash();
    assert!(bench.claim().is_empty());
    assert!(bench.orphans().is_empty());
    assert_eq!(bench.stats().dead, 1);
}

pub fn retry_queues_with_the_history_and_new_counts(bench: &mut Bench) {
    let leased = bench.leased("a");
    bench.retry(&leased, super::bench::failed("first"));
    bench.dead(&bench.claim_one(), "second");
    assert_eq!(bench.retry_dead(&DeadFilter::default()), 1);
    assert!(bench.all_results().is_empty());
    let leased = bench.claim_one();
    assert_eq!(leased.counts, AttemptCounts { attempts: 3, ..AttemptCounts::default() });
    assert!(recorded(bench.done(&leased)));
    let attempts = bench.event("a").deliveries.remove(0).attempts;
    assert_eq!(attempts.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(bench.all_results()[0].attempts, 3);
}

pub fn retry_takes_only_what_fits_the_filter(bench: &mut Bench) {
    bench.bury(["a"], "no route to host");
    bench.bury(["b"], "no stock");
    assert_eq!(bench.retry_dead(&error("route")), 1);
    assert_eq!(ids_of(&bench.claim()), ["a"]);
    assert_eq!(bench.retry_dead(&error("route")), 0);
}

pub fn every_part_of_the_filter_counts(bench: &mut Bench) {
    bench.enqueue_all(vec![event_from("a", "/source", "paid"), event_from("b", "/source", "sent")]);
    bench.claim().iter().for_each(|leased| assert!(recorded(bench.dead(leased, "no"))));
    let fitting = DeadFilter {
        event_id: Some("a".into()),
        source: Some("/source".into()),
        type_: Some("paid".into()),
        handler: Some("h".into()),
        error_contains: Some("n".into()),
        error_is: Some("no".into()),
        finished_before: Some(bench.now().after(Duration::from_millis(1))),
        limit: Some(1),
    };
    let other = || Some("other".to_owned());
    for not_fitting in [
        DeadFilter { event_id: other(), ..fitting.clone() },
        DeadFilter { source: other(), ..fitting.clone() },
        DeadFilter { type_: other(), ..fitting.clone() },
        DeadFilter { finished_before: Some(bench.now()), ..fitting.clone() },
        DeadFilter { limit: Some(0), ..fitting.clone() },
        DeadFilter { handler: other(), ..fitting.clone() },
        DeadFilter { error_contains: other(), ..fitting.clone() },
        DeadFilter { error_is: Some("n".into()), ..fitting.clone() },
    ] {
        assert_eq!(bench.retry_dead(&not_fitting), 0, "{not_fitting:?}");
        assert_eq!(bench.drop_dead(&not_fitting), 0, "{not_fitting:?}");
    }
    assert_eq!(bench.drop_dead(&fitting), 1);
    assert!(bench.events("a").is_empty());
}

pub fn a_limit_takes_the_oldest_first(bench: &mut Bench) {
    bench.bury(["a", "b", "c"], "no");
    let two = DeadFilter { limit: Some(2), ..DeadFilter::default() };
    assert_eq!((bench.drop_dead(&two), bench.drop_dead(&two), bench.drop_dead(&two)), (2, 1, 0));
    bench.bury(["d", "e", "f"], "no");
    assert_eq!(bench.retry_dead(&two), 2);
    assert_eq!(ids_of(&bench.claim()), ["d", "e"]);
}

pub fn the_error_filter_takes_text_as_it_is(bench: &mut Bench) {
    bench.bury(["a"], "100% of 'it'_");
    bench.bury(["b"], "nothing");
    for part in ["100% of", "'it'_", "%"] {
        assert_eq!(bench.retry_dead(&error(part)), 1, "{part}");
        assert!(recorded(bench.dead(&bench.claim_one(), "100% of 'it'_")));
    }
    assert_eq!(bench.retry_dead(&error("NOTHING")), 0, "upper case is other text");
}

pub fn what_is_not_dead_is_neither_retried_nor_dropped(bench: &mut Bench) {
    bench.done(&bench.leased("ok"));
    bench.leased("running");
    bench.enqueue(["waiting"]);
    assert_eq!(bench.retry_dead(&DeadFilter::default()), 0);
    assert_eq!(bench.drop_dead(&DeadFilter::default()), 0);
    let stats = bench.stats();
    assert_eq!((stats.ok, stats.leased, stats.pending, stats.events), (1, 1, 1, 3));
}

pub fn drop_forgets_the_event_and_it_may_come_again(bench: &mut Bench) {
    bench.bury(["a", "b"], "no");
    // The newest, whose number a new owner may give to another event.
    let filter = DeadFilter { event_id: Some("b".into()), ..DeadFilter::default() };
    assert_eq!(bench.drop_dead(&filter), 1);
    assert!(bench.events("b").is_empty());
    assert_eq!(bench.stats().events, 1);
    bench.crash();
    assert!(matches!(bench.enqueue(["b"])[..], [EnqueueFate::Enqueued { .. }]));
    assert_eq!(bench.claim_one().counts.attempts, 1);
    assert!(bench.event("b").deliveries[0].attempts.is_empty(), "the old history is gone");
}

pub fn drop_keeps_an_event_that_another_handler_has(bench: &mut Bench) {
    bench.bury(["settled", "waiting"], "no");
    bench.switch_to("other");
    bench.done(&bench.leased("settled"));
    bench.enqueue(["waiting"]);
    let filter = DeadFilter { handler: Some("h".into()), ..DeadFilter::default() };
    assert_eq!(bench.drop_dead(&filter), 2);
    assert_eq!(bench.stats().events, 2);
    assert_eq!(bench.event("settled").deliveries[0].handler, "other");
    assert_eq!(ids_of(&bench.claim()), ["waiting"]);
}

pub fn a_dropped_events_number_is_not_given_again(bench: &mut Bench) {
    bench.bury(["a"], "no");
    let dropped = bench.event("a").seq;
    bench.drop_dead(&DeadFilter::default());
    bench.crash();
    bench.enqueue(["b"]);
    assert!(bench.event("b").seq > dropped);
}
