//! Requests that attempts sent are recorded with them.

use std::time::Duration;

use super::bench::{Bench, event, failed, ok, report};
use crate::event::{
    Exchange, HttpFailure, HttpFailureCode, HttpRequest, HttpResponse, Report, Settlement, Verdict,
};
use crate::store::{Bite, EventSeq, SettleFate};

fn request(path: &str) -> HttpRequest {
    HttpRequest {
        method: "POST".into(),
        url: format!("https://a.example{path}"),
        headers: vec![("x-one".into(), "1".into()), ("x-one".into(), "\"2\"".into())],
        body: vec![0xff, 0, b'\n'],
    }
}

fn answered(path: &str) -> Exchange {
    let response = HttpResponse { status: 201, headers: vec![("a".into(), "b".into())], body: Vec::new() };
    Exchange { request: request(path), answer: Ok(response) }
}

fn unanswered(path: &str) -> Exchange {
    let failure = HttpFailure::new(HttpFailureCode::Timeout, "it took too long");
    Exchange { request: request(path), answer: Err(failure) }
}

fn asked(verdict: Verdict, exchanges: &[Exchange]) -> Report {
    Report { exchanges: exchanges.to_vec(), ..report(verdict) }
}

pub fn an_attempt_comes_with_what_it_asked_and_was_told(bench: &mut Bench) {
    let first = bench.leased("a");
    let retry = Settlement::RetryAt(bench.now());
    bench.settle_with(&first, retry, asked(failed("no"), &[unanswered("/1")]));
    let exchanges = [answered("/1"), unanswered("/2"), answered("/1")];
    bench.settle_with(&bench.claim_one(), Settlement::Done, asked(ok(), &exchanges));
    let attempts = bench.inspect().recorded(&[EventSeq(1)], u64::MAX).unwrap().events.remove(0).attempts;
    assert_eq!(attempts.len(), 2, "an attempt that ended well and asked is told once");
    assert_eq!(attempts[0].exchanges, [unanswered("/1")]);
    assert_eq!(attempts[1].exchanges, exchanges);
    let told = bench.event("a").deliveries.remove(0).attempts;
    assert_eq!((&told[0].exchanges, &told[1].exchanges), (&attempts[0].exchanges, &attempts[1].exchanges));
}

pub fn each_handlers_requests_are_its_own(bench: &mut Bench) {
    bench.settle_with(&bench.leased("a"), Settlement::Done, asked(ok(), &[answered("/1")]));
    bench.switch_to("other");
    bench.done(&bench.leased("a"));
    let deliveries = bench.event("a").deliveries;
    let counts: Vec<usize> = deliveries.iter().map(|d| d.attempts[0].exchanges.len()).collect();
    assert_eq!(counts, [1, 0]);
}

pub fn a_page_counts_what_was_asked(bench: &mut Bench) {
    bench.settle_with(&bench.leased("a"), Settlement::Done, asked(ok(), &[answered("/1")]));
    let event = bench.inspect().recorded(&[EventSeq(1)], u64::MAX).unwrap().events.remove(0);
    assert_eq!(event.len_bytes(), event.json.len() as u64 + answered("/1").len_bytes());
}

pub fn a_lost_lease_records_no_requests(bench: &mut Bench) {
    let leased = bench.leased("a");
    bench.retry(&leased, failed("no"));
    let fate = bench.settle_with(&leased, Settlement::Done, asked(ok(), &[answered("/1")]));
    assert_eq!(fate, SettleFate::LeaseLost);
    assert!(bench.event("a").deliveries[0].attempts[0].exchanges.is_empty());
}

pub fn what_was_asked_is_forgotten_with_its_event(bench: &mut Bench) {
    let empty = bench.inspect().extent().unwrap();
    let ids: Vec<String> = (0..500).map(|id| id.to_string()).collect();
    bench.enqueue_all(ids.iter().map(|id| event(id)).collect());
    for leased in bench.claim() {
        bench.settle_with(&leased, Settlement::Done, asked(ok(), &[answered("/1")]));
    }
    bench.advance(Duration::from_secs(1));
    let full = bench.inspect().extent().unwrap();
    bench.forget(Bite { before: bench.now(), after: EventSeq(0), events_max: 1000 });
    let after = bench.inspect().extent().unwrap();
    assert_eq!(after.events, 0);
    assert!(after.bytes < empty.bytes + (full.bytes - empty.bytes) / 4, "{empty:?} {full:?} {after:?}");
}
