//! What is recorded of attempts is enough to run them again and compare.

use super::bench::{Bench, child, event, failed, ok, report};
use crate::event::{EmittedDigest, LogLevel, LogLine, Output, Report, Settlement, Verdict};
use crate::store::{EventSeq, RecordedEvent, RecordedResult, ResultStatus, StoredOutput};

fn recorded(bench: &Bench, seqs: &[i64]) -> Vec<RecordedEvent> {
    let seqs: Vec<EventSeq> = seqs.iter().map(|seq| EventSeq(*seq)).collect();
    let page = bench.inspect().recorded(&seqs, u64::MAX).unwrap();
    assert_eq!(page.looked_at, seqs.len());
    page.events
}

fn emits(emitted: Vec<crate::event::NewEvent>) -> Verdict {
    Verdict::Ok { output: Output::Json("[1]".into()), emitted }
}

/// The result of the only attempt of the first event.
fn first_result(bench: &Bench) -> RecordedResult {
    recorded(bench, &[1]).remove(0).attempts.remove(0).result.unwrap()
}

pub fn every_attempt_comes_with_what_it_depended_on(bench: &mut Bench) {
    let first = bench.leased("a");
    let accepted_at = bench.now();
    bench.retry(&first, failed("no"));
    bench.advance(std::time::Duration::from_secs(1));
    bench.done(&bench.claim_one());
    let event_a = recorded(bench, &[1]).remove(0);
    assert_eq!((&*event_a.source, &*event_a.id, event_a.hops), ("/source", "a", 0));
    assert_eq!((&*event_a.json, event_a.accepted_at), (event("a").json(), accepted_at));
    let told: Vec<_> =
        event_a.attempts.iter().map(|a| (a.number, &*a.verdict, a.message.as_deref())).collect();
    assert_eq!(told, [(1, "failed", Some("no")), (2, "ok", None)]);
    assert!(event_a.attempts.iter().all(|a| a.module == bench.registered.module));
    assert!(event_a.attempts.iter().all(|a| a.figures == report(ok()).figures));
    assert_eq!(event_a.attempts[0].result, None, "only the last one made the result");
    assert_eq!(event_a.attempts[1].result.as_ref().unwrap().status, ResultStatus::Ok);
}

pub fn an_attempt_with_logs_comes_once(bench: &mut Bench) {
    let logs = vec![LogLine { level: LogLevel::Info, text: "hi".into() }];
    bench.settle_with(&bench.leased("a"), Settlement::Done, Report { logs, ..report(ok()) });
    let attempts = recorded(bench, &[1]).remove(0).attempts;
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].logs, [("info".to_owned(), "hi".to_owned())]);
    assert!(attempts[0].result.is_some());
}

pub fn a_result_comes_with_its_output_or_its_error(bench: &mut Bench) {
    bench.settle(&bench.leased("a"), Settlement::Done, emits(Vec::new()));
    bench.bury(["b"], "no");
    let results: Vec<_> =
        recorded(bench, &[1, 2]).into_iter().map(|mut e| e.attempts.remove(0).result.unwrap()).collect();
    assert_eq!((&results[0].output, &results[0].error), (&StoredOutput::Json("[1]".into()), &None));
    assert_eq!((&results[1].output, results[1].error.as_deref()), (&StoredOutput::None, Some("no")));
    assert_eq!((results[0].fuel, results[1].status), (report(ok()).figures.fuel, ResultStatus::Dead));
}

pub fn events_come_in_the_order_asked_for_and_those_without_attempts_not_at_all(bench: &mut Bench) {
    bench.enqueue(["a", "b", "c"]);
    let leases = bench.claim();
    bench.done(&leases[0]);
    bench.done(&leases[2]);
    let ids = |seqs: &[i64]| recorded(bench, seqs).into_iter().map(|event| event.id).collect::<Vec<_>>();
    assert_eq!(ids(&[3, 2, 1, 99]), ["c", "a"]);
    assert_eq!(bench.inspect().newest_event().unwrap(), Some(EventSeq(3)));
}

pub fn a_page_keeps_to_its_bytes_and_brings_one_event_at_least(bench: &mut Bench) {
    bench.enqueue(["a", "b", "c"]);
    bench.claim().iter().for_each(|leased| assert!(super::bench::recorded(bench.done(leased))));
    let seqs = [EventSeq(1), EventSeq(2), EventSeq(3)];
    let page = |bytes_max| bench.inspect().recorded(&seqs, bytes_max).unwrap();
    assert_eq!((page(1).looked_at, page(1).events.len()), (1, 1));
    let one = page(1).events[0].len_bytes();
    assert_eq!(page(one + 1).looked_at, 2);
}

pub fn what_was_emitted_comes_with_a_hash_of_it(bench: &mut Bench) {
    let children = vec![child("a", 0), child("a", 1)];
    bench.settle(&bench.leased("a"), Settlement::Done, emits(children.clone()));
    let emitted = first_result(bench).emitted;
    assert_eq!(emitted.digest, EmittedDigest::of(&children));
    assert_eq!(emitted.events, children.iter().map(crate::event::NewEvent::json).collect::<Vec<_>>());
}

/// The hash is of all; the events are those that this attempt brought and that are still there.
pub fn what_was_emitted_is_known_though_the_events_were_known_or_are_dropped(bench: &mut Bench) {
    let children = vec![child("a", 0), child("a", 1), child("a", 2)];
    let parent = bench.leased("a");
    bench.enqueue_all(vec![children[1].clone()]);
    bench.settle(&parent, Settlement::Done, emits(children.clone()));
    assert_eq!(first_result(bench).emitted.events, [children[0].json(), children[2].json()]);
    bench.claim().iter().for_each(|leased| assert!(super::bench::recorded(bench.dead(leased, "no"))));
    bench.drop_dead(&crate::store::DeadFilter {
        event_id: Some(children[2].id().into()),
        ..Default::default()
    });
    let emitted = first_result(bench).emitted;
    assert_eq!(emitted.events, [children[0].json()]);
    assert_eq!(emitted.digest, EmittedDigest::of(&children));
}

pub fn modules_come_as_they_were_registered(bench: &mut Bench) {
    let modules = bench.inspect().modules().unwrap();
    let expected = super::bench::module("h");
    assert_eq!(modules.len(), 1);
    assert_eq!((modules[0].id, &modules[0].handler), (bench.registered.module, &expected.handler));
    assert_eq!((modules[0].sha256, modules[0].limits), (expected.sha256, Some(expected.limits)));
    assert_eq!(modules[0].grants, expected.grants);
}

pub fn an_empty_store_has_nothing_recorded(bench: &mut Bench) {
    assert_eq!(bench.inspect().newest_event().unwrap(), None);
    assert!(recorded(bench, &[1]).is_empty());
}
