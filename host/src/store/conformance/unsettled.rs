//! What is queued and not settled is counted, in events and in bytes.

use super::bench::{Bench, child, event, failed, id_of, module, recorded};
use crate::event::{Output, Settlement, Verdict};
use crate::store::{DeadFilter, Pile, Route};

fn bytes(id: &str) -> u64 {
    event(id).json().len() as u64
}

/// Of events that are not settled, all handlers together.
fn assert_weighs(bench: &Bench, ids: &[&str]) {
    let pile = Pile { events: ids.len() as u64, bytes: ids.iter().map(|id| bytes(id)).sum() };
    assert_eq!(bench.queue().unsettled().all(), pile);
}

pub fn an_event_weighs_at_each_of_its_handlers_until_it_is_settled_there(bench: &mut Bench) {
    let (this, other) = (bench.registered.handler, bench.register(&module("other")).handler);
    bench.enqueue_to(&Route::to(&[this, other]), vec![event("a")]);
    bench.enqueue_to(&Route::to(&[other]), vec![event("longer")]);
    bench.enqueue_to(&Route::to_nobody(), vec![event("nobody's")]);
    let unsettled = bench.queue().unsettled();
    assert_eq!(unsettled.at(this), Pile { events: 1, bytes: bytes("a") });
    assert_eq!(unsettled.at(other), Pile { events: 2, bytes: bytes("a") + bytes("longer") });
    let leased = bench.claim_one();
    assert_eq!(bench.queue().unsettled(), unsettled, "what runs is not settled");
    bench.done(&leased);
    bench.done(&leased);
    assert_eq!(bench.queue().unsettled().at(this), Pile::default());
    assert_weighs(bench, &["a", "longer"]);
}

pub fn what_is_put_back_still_weighs(bench: &mut Bench) {
    let leased = bench.leased("a");
    assert!(recorded(bench.retry(&leased, failed("no"))));
    assert_weighs(bench, &["a"]);
    let leased = bench.claim_one();
    bench.queue().release(vec![leased.id]).unwrap();
    assert_weighs(bench, &["a"]);
    bench.enqueue(["a"]);
    assert_weighs(bench, &["a"]);
}

pub fn the_dead_weigh_again_once_they_are_retried(bench: &mut Bench) {
    bench.bury(["a", "longer", "dropped"], "no");
    assert_weighs(bench, &[]);
    let only = |id: &str| DeadFilter { event_id: Some(id.into()), ..DeadFilter::default() };
    assert_eq!(bench.drop_dead(&only("dropped")), 1);
    assert_eq!(bench.retry_dead(&DeadFilter::default()), 2);
    assert_weighs(bench, &["a", "longer"]);
    bench.claim().iter().for_each(|leased| assert!(recorded(bench.done(leased))));
    assert_weighs(bench, &[]);
}

pub fn what_is_cancelled_weighs_no_more(bench: &mut Bench) {
    bench.enqueue(["a", "longer"]);
    bench.queue().cancel("/source", "longer", None).unwrap();
    assert_weighs(bench, &["a"]);
}

pub fn what_is_emitted_weighs(bench: &mut Bench) {
    let parent = bench.leased("a");
    let emitted = vec![child("a", 0), child("a", 1)];
    let bytes = emitted.iter().map(|event| event.json().len() as u64).sum();
    bench.settle(&parent, Settlement::Done, Verdict::Ok { output: Output::None, emitted });
    assert_eq!(bench.queue().unsettled().all(), Pile { events: 2, bytes });
    bench.claim().iter().for_each(|leased| assert!(recorded(bench.done(leased))));
    assert_weighs(bench, &[]);
}

pub fn a_known_event_weighs_what_was_stored_at_a_handler_that_is_new_to_it(bench: &mut Bench) {
    bench.done(&bench.leased("a"));
    bench.switch_to("other");
    let json = r#"{"specversion":"1.0","id":"a","source":"/source","type":"t","data":"another text"}"#;
    bench.enqueue_all(vec![crate::event::parse_event(json.as_bytes(), 1000).unwrap()]);
    assert_weighs(bench, &["a"]);
    let leased = bench.claim_one();
    assert_eq!(id_of(&leased), "a");
    bench.done(&leased);
    assert_weighs(bench, &[]);
}

pub fn a_new_owner_weighs_what_it_finds(bench: &mut Bench) {
    bench.done(&bench.leased("settled"));
    bench.leased("a");
    bench.enqueue(["longer"]);
    bench.crash();
    assert_weighs(bench, &["a", "longer"]);
    bench.orphans().iter().for_each(|orphan| assert!(recorded(bench.dead(orphan, "lost"))));
    assert_weighs(bench, &["longer"]);
}
