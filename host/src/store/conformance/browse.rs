//! Looking around: events with their states, and the dead by reason.

use std::time::Duration;

use super::bench::{Bench, event, failed, module};
use crate::store::{DeadFilter, EventFilter, EventSeq, EventState, Route};

/// What a filter finds on all its pages, as `id: handler state`.
fn walk(bench: &Bench, filter: &EventFilter, rows_max: u32) -> Vec<String> {
    let (mut found, mut before) = (Vec::new(), None::<EventSeq>);
    loop {
        let page = bench.inspect().page_of_events(filter, before, rows_max).unwrap();
        assert!(page.rows.len() <= rows_max as usize);
        found.extend(page.rows.iter().map(|row| {
            let at = |d: &crate::store::DeliveryRow| format!("{} {}", d.handler, d.state);
            format!("{}: {}", row.id, row.deliveries.iter().map(at).collect::<Vec<_>>().join(", "))
        }));
        let Some(next) = page.next else { return found };
        before = Some(next);
    }
}

fn in_state(state: EventState) -> EventFilter {
    EventFilter { state: Some(state), ..EventFilter::default() }
}

/// `a` is dead for one handler and pending at another; `b` ended well; `c` is leased; `d` waits.
fn four_fates(bench: &mut Bench) {
    bench.bury(["a"], "no");
    bench.done(&bench.leased("b"));
    bench.leased("c");
    bench.retry(&bench.leased("d"), failed("later"));
    bench.switch_to("other");
    bench.enqueue(["a"]);
}

pub fn events_are_listed_with_their_states_the_latest_first(bench: &mut Bench) {
    assert!(walk(bench, &EventFilter::default(), 3).is_empty());
    four_fates(bench);
    let all = ["d: h pending", "c: h leased", "b: h ok", "a: h dead, other pending"];
    for rows_max in 1..=5 {
        assert_eq!(walk(bench, &EventFilter::default(), rows_max), all, "{rows_max}");
    }
}

pub fn events_are_filtered_by_state(bench: &mut Bench) {
    four_fates(bench);
    let unsettled = ["d: h pending", "c: h leased", "a: h dead, other pending"];
    for rows_max in 1..=4 {
        assert_eq!(walk(bench, &in_state(EventState::Unsettled), rows_max), unsettled, "{rows_max}");
        assert_eq!(walk(bench, &in_state(EventState::Ok), rows_max), ["b: h ok"]);
        assert_eq!(walk(bench, &in_state(EventState::Dead), rows_max), ["a: h dead, other pending"]);
        assert!(walk(bench, &in_state(EventState::Unmatched), rows_max).is_empty());
    }
}

pub fn an_event_that_goes_to_nobody_is_listed_as_unmatched(bench: &mut Bench) {
    bench.done(&bench.leased("a"));
    bench.enqueue_to(&Route::to_nobody(), vec![event("b"), event("c")]);
    for rows_max in 1..=3 {
        assert_eq!(walk(bench, &in_state(EventState::Unmatched), rows_max), ["c: ", "b: "]);
        assert_eq!(walk(bench, &EventFilter::default(), rows_max), ["c: ", "b: ", "a: h ok"]);
    }
    bench.enqueue(["b"]);
    assert_eq!(walk(bench, &in_state(EventState::Unmatched), 2), ["c: "], "b has a handler now");
}

pub fn events_are_filtered_by_what_they_are(bench: &mut Bench) {
    four_fates(bench);
    let row = bench.inspect().page_of_events(&EventFilter::default(), None, 1).unwrap().rows.remove(0);
    let none = EventFilter::default;
    let (source, type_) = (Some(row.source), Some(row.type_));
    assert_eq!(walk(bench, &EventFilter { source: source.clone(), type_, ..none() }, 2).len(), 4);
    assert_eq!(walk(bench, &EventFilter { id: Some("b".into()), source, ..none() }, 2), ["b: h ok"]);
    let other = || Some("other".to_owned());
    assert_eq!(walk(bench, &EventFilter { handler: other(), ..none() }, 2), ["a: h dead, other pending"]);
    for nothing in [
        EventFilter { id: other(), ..none() },
        EventFilter { source: other(), ..none() },
        EventFilter { type_: other(), ..none() },
        EventFilter { id: Some("b".into()), ..in_state(EventState::Dead) },
        EventFilter { handler: other(), ..in_state(EventState::Ok) },
    ] {
        assert!(walk(bench, &nothing, 2).is_empty(), "{nothing:?}");
    }
}

pub fn dead_events_are_grouped_by_reason(bench: &mut Bench) {
    assert_eq!(bench.inspect().dead_reasons().unwrap().reasons, []);
    bench.bury(["a", "b"], "no");
    bench.advance(Duration::from_secs(5));
    bench.bury(["c"], "never");
    bench.switch_to("other");
    bench.bury(["d"], "no");
    let found = bench.inspect().dead_reasons().unwrap();
    assert!(found.is_complete);
    let told: Vec<_> = found.reasons.iter().map(|r| (&*r.handler, &*r.error, r.events)).collect();
    assert_eq!(told, [("h", "no", 2), ("h", "never", 1), ("other", "no", 1)]);
    assert_eq!(found.reasons[1].latest_at, bench.now());
    assert!(found.reasons[0].latest_at < bench.now());
}

pub fn dead_events_are_counted_as_they_would_be_retried(bench: &mut Bench) {
    bench.bury(["a", "b"], "no");
    bench.bury(["c"], "no way");
    let of = |error_is: &str, limit| DeadFilter {
        error_is: Some(error_is.into()),
        handler: Some("h".into()),
        limit,
        ..DeadFilter::default()
    };
    let count = |filter: &DeadFilter| bench.inspect().count_dead(filter).unwrap();
    assert_eq!(count(&DeadFilter::default()), 3);
    assert_eq!(count(&of("no", None)), 2, "the whole text, not a part of it");
    assert_eq!(count(&of("no", Some(1))), 1);
    assert_eq!(bench.retry_dead(&of("no", None)), 2);
    assert_eq!(count(&of("no", None)), 0);
    assert_eq!(count(&DeadFilter::default()), 1);
}

pub fn every_handler_is_known_whether_it_works_or_not(bench: &mut Bench) {
    let (this, other) = (bench.registered.handler, bench.register(&module("other")).handler);
    let known = bench.inspect().handlers().unwrap();
    let known: Vec<_> = known.iter().map(|handler| (handler.id, &*handler.name)).collect();
    assert_eq!(known, [(this, "h"), (other, "other")]);
}
