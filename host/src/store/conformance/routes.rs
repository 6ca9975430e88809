//! An event at several handlers, at one, at none.

use super::bench::{Bench, child, event, ids_of, recorded, report};
use crate::event::{Output, Settlement, Verdict};
use crate::store::EnqueueFate::{Duplicate, Enqueued, Unmatched};
use crate::store::{Registered, Route, SettleFate};

/// The bench's own handler `h`, and another.
fn two_handlers(bench: &Bench) -> (Registered, Registered) {
    (bench.registered, bench.register(&super::bench::module("other")))
}

fn to_both(bench: &Bench) -> Route {
    let (one, other) = two_handlers(bench);
    Route::to(&[one.handler, other.handler])
}

pub fn an_event_goes_to_each_of_its_handlers_and_is_settled_by_each(bench: &mut Bench) {
    let fates = bench.enqueue_to(&to_both(bench), vec![event("a")]);
    assert!(matches!(fates[..], [Enqueued { deliveries: 2, .. }]));
    assert_eq!((bench.stats().events, bench.stats().pending), (1, 2));
    let mine = bench.claim_one();
    bench.switch_to("other");
    let others = bench.claim_one();
    assert_eq!(mine.json, others.json);
    assert!(recorded(bench.dead(&others, "no")));
    bench.switch_to("h");
    assert!(recorded(bench.done(&mine)));
    assert_eq!((bench.stats().ok, bench.stats().dead, bench.stats().unmatched), (1, 1, 0));
    assert_eq!(bench.enqueue_to(&to_both(bench), vec![event("a")]), [Duplicate(fates[0].event())]);
}

pub fn an_event_that_goes_to_nobody_is_kept_and_counted(bench: &mut Bench) {
    let fates = bench.enqueue_to(&Route::to_nobody(), vec![event("a"), event("b")]);
    assert!(matches!(fates[..], [Unmatched(a), Unmatched(b)] if a < b));
    assert_eq!(bench.enqueue_to(&Route::to_nobody(), vec![event("a")]), [Duplicate(fates[0].event())]);
    bench.crash();
    let stats = bench.stats();
    assert_eq!((stats.events, stats.unmatched, stats.pending), (2, 2, 0));
    assert!(bench.event("a").deliveries.is_empty());
    assert!(bench.claim().is_empty());
}

pub fn an_unmatched_event_that_comes_again_with_a_handler_is_queued(bench: &mut Bench) {
    let first = bench.enqueue_to(&Route::to_nobody(), vec![event("a")])[0].event();
    assert_eq!(bench.enqueue(["a"]), [Enqueued { event: first, deliveries: 1 }]);
    assert_eq!((bench.stats().events, bench.stats().unmatched), (1, 0));
    assert_eq!(ids_of(&bench.claim()), ["a"]);
}

pub fn an_event_known_to_one_handler_is_queued_for_the_other(bench: &mut Bench) {
    let first = bench.enqueue(["a"])[0].event();
    let again = bench.enqueue_to(&to_both(bench), vec![event("a")]);
    assert_eq!(again, [Enqueued { event: first, deliveries: 1 }]);
    assert_eq!(bench.claim().len(), 1);
    bench.switch_to("other");
    assert_eq!(bench.claim().len(), 1);
}

/// Room of a waiting claim is filled as events are written: each handler's with its own.
pub fn a_waiting_claim_does_not_take_another_handlers_part(bench: &mut Bench) {
    let route = to_both(bench);
    assert!(bench.claim().is_empty());
    let (queue, handler) = (bench.queue(), bench.registered.handler);
    let claim = std::thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            queue.claim(handler, super::bench::ROOM, std::time::Duration::from_secs(20)).unwrap()
        });
        let _ = (queue.release(Vec::new()), queue.release(Vec::new()));
        bench.enqueue_to(&route, vec![event("a"), event("b")]);
        waiting.join().unwrap()
    });
    let more = bench.claim();
    assert_eq!([ids_of(&claim.leases), ids_of(&more)].concat(), ["a", "b"]);
    assert!(claim.leases.iter().all(|leased| leased.id.handler == handler));
    bench.switch_to("other");
    assert_eq!(ids_of(&bench.claim()), ["a", "b"]);
}

pub fn emitted_events_go_where_they_are_routed(bench: &mut Bench) {
    let (both, (_, other)) = (to_both(bench), two_handlers(bench));
    let leased = bench.leased("a");
    let emitted = vec![child("a", 0), child("a", 1), child("a", 2)];
    let verdict = Verdict::Ok { output: Output::None, emitted };
    let mut settled = bench.settled(&leased, Settlement::Done, report(verdict));
    settled.routes = vec![both, Route::One(other.handler), Route::to_nobody()];
    assert_eq!(bench.queue().settle(vec![settled]).unwrap(), [SettleFate::Recorded { emitted: 3 }]);
    assert_eq!(bench.stats().unmatched, 1);
    assert_eq!(ids_of(&bench.claim()), [child("a", 0).id()]);
    bench.switch_to("other");
    assert_eq!(ids_of(&bench.claim()), [child("a", 0).id(), child("a", 1).id()]);
    // Without a route it is kept as well.
    bench.switch_to("h");
    let verdict = Verdict::Ok { output: Output::None, emitted: vec![child("b", 0)] };
    let leased = bench.leased("b");
    let mut settled = bench.settled(&leased, Settlement::Done, report(verdict));
    settled.routes.clear();
    assert_eq!(bench.queue().settle(vec![settled]).unwrap(), [SettleFate::Recorded { emitted: 0 }]);
    assert_eq!(bench.stats().unmatched, 2);
}
