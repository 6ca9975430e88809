//! Events come in once.

use super::bench::{Bench, event, event_from, ids_of};
use crate::event::parse_event;
use crate::store::EnqueueFate::{Duplicate, Enqueued};
use crate::store::Rejected;

pub fn a_new_event_is_enqueued_and_the_same_again_is_a_duplicate(bench: &mut Bench) {
    let first = bench.enqueue(["a", "b"]);
    assert!(first[0].event() < first[1].event());
    assert!(first.iter().all(|fate| fate.deliveries() == 1));
    let again = bench.enqueue(["b", "c"]);
    assert_eq!(again[0], Duplicate(first[1].event()));
    assert!(matches!(again[1], Enqueued { .. }));
    assert_eq!(ids_of(&bench.claim()), ["a", "b", "c"]);
}

pub fn an_event_twice_in_one_batch_is_stored_once(bench: &mut Bench) {
    let fates = bench.enqueue(["a", "a"]);
    assert_eq!(fates[1], Duplicate(fates[0].event()));
    assert_eq!(bench.claim().len(), 1);
}

pub fn the_same_id_from_another_source_is_another_event(bench: &mut Bench) {
    let fates = bench.enqueue_all(vec![event("a"), event_from("a", "/other", "t")]);
    assert!(
        matches!(fates[..], [Enqueued { event: one, .. }, Enqueued { event: other, .. }] if one != other)
    );
    assert_eq!(ids_of(&bench.claim()), ["a", "a"]);
}

pub fn another_handler_gets_the_same_event(bench: &mut Bench) {
    let first = bench.enqueue(["a"]);
    let leased = bench.claim_one();
    bench.done(&leased);
    bench.switch_to("other");
    assert_eq!(bench.enqueue(["a"]), first, "the event is stored once");
    assert_eq!(bench.enqueue(["a"]), [Duplicate(first[0].event())]);
    assert_eq!(ids_of(&bench.claim()), ["a"]);
    assert_eq!(bench.stats().events, 1);
}

pub fn a_settled_event_stays_known(bench: &mut Bench) {
    bench.done(&bench.leased("good"));
    bench.dead(&bench.leased("bad"), "no");
    bench.crash();
    assert!(matches!(bench.enqueue(["good", "bad"])[..], [Duplicate(_), Duplicate(_)]));
    assert!(bench.claim().is_empty());
}

pub fn the_first_text_of_an_event_is_kept(bench: &mut Bench) {
    let json = br#"{"specversion":"1.0","id":"a","source":"/source","type":"t","data":2}"#;
    bench.enqueue(["a"]);
    bench.enqueue_all(vec![parse_event(json, 1000).unwrap()]);
    assert_eq!(&*bench.claim_one().json, event("a").json());
}

pub fn rejected_lines_are_counted(bench: &mut Bench) {
    let line = |line| Rejected { file: "-".into(), line, reason: "no".into(), bytes: vec![0xFF, 0, b'x'] };
    bench.queue().reject(vec![line(1), line(7)]).unwrap();
    bench.queue().reject(vec![line(1)]).unwrap();
    assert_eq!(bench.stats().rejected, 3);
}
