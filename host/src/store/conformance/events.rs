//! An event's story is told as it happened.

use std::time::Duration;

use super::bench::{Bench, event, event_from, failed, ok, report};
use crate::event::{LogLevel, LogLine, Report, Settlement, Verdict};
use crate::store::{AttemptDetail, DeliveryState, ResultStatus, StoredOutput};

fn state(bench: &Bench, id: &str) -> DeliveryState {
    bench.event(id).deliveries.remove(0).state
}

fn attempts(bench: &Bench, id: &str) -> Vec<AttemptDetail> {
    bench.event(id).deliveries.remove(0).attempts
}

pub fn an_unknown_event_is_not_found(bench: &mut Bench) {
    bench.enqueue(["a"]);
    assert!(bench.events("b").is_empty());
    assert!(bench.inspect().events("a", Some("/elsewhere")).unwrap().is_empty());
}

pub fn events_are_found_by_id_and_source(bench: &mut Bench) {
    bench.enqueue_all(vec![event("a"), event_from("a", "/other", "t"), event("b")]);
    assert_eq!(bench.events("a").len(), 2);
    let found = bench.inspect().events("a", Some("/other")).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].json, event_from("a", "/other", "t").json());
    assert_eq!(found[0].accepted_at, bench.now());
}

pub fn a_pending_event_says_when_it_is_due(bench: &mut Bench) {
    bench.enqueue(["a"]);
    assert_eq!(state(bench, "a"), DeliveryState::Pending { attempts: 0, due_at: None });
    let at = bench.now().after(Duration::from_secs(9));
    bench.settle(&bench.claim_one(), Settlement::RetryAt(at), failed("no"));
    assert_eq!(state(bench, "a"), DeliveryState::Pending { attempts: 1, due_at: Some(at) });
}

pub fn a_leased_event_says_so(bench: &mut Bench) {
    bench.leased("a");
    assert_eq!(state(bench, "a"), DeliveryState::Leased { attempt: 1 });
    bench.crash();
    assert_eq!(state(bench, "a"), DeliveryState::Leased { attempt: 1 }, "lost, but not yet settled");
}

pub fn every_attempt_is_told_in_order(bench: &mut Bench) {
    let begin = bench.now();
    let first = bench.leased("a");
    bench.retry(&first, failed("no"));
    bench.advance(Duration::from_secs(1));
    bench.done(&bench.claim_one());
    let told = attempts(bench, "a");
    assert_eq!(told.iter().map(|a| (a.number, &*a.verdict)).collect::<Vec<_>>(), [(1, "failed"), (2, "ok")]);
    assert_eq!((told[0].finished_at, told[1].finished_at), (begin, bench.now()));
    assert_eq!(told[0].message.as_deref(), Some("no"));
    assert_eq!((told[1].message.as_deref(), told[1].figures), (None, report(ok()).figures));
    assert_eq!((&*told[0].engine, &*told[0].handler_sha256), ("engine 1", &*"ab".repeat(32)));
}

pub fn logs_and_backtraces_come_back(bench: &mut Bench) {
    let line = |level, text: &str| LogLine { level, text: text.into() };
    let logs = vec![line(LogLevel::Warn, "say \"é\"\n"), line(LogLevel::Trace, "")];
    let trap = Verdict::Trapped { message: "unreachable".into(), backtrace: "0: f\n1: g".into() };
    bench.settle_with(&bench.leased("a"), Settlement::Dead, Report { logs: logs.clone(), ..report(trap) });
    bench.settle_with(&bench.leased("b"), Settlement::Done, Report { logs, ..report(ok()) });
    for id in ["a", "b"] {
        let told = attempts(bench, id);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].logs, [("warn".into(), "say \"é\"\n".into()), ("trace".into(), String::new())]);
    }
    assert_eq!(attempts(bench, "a")[0].backtrace.as_deref(), Some("0: f\n1: g"));
}

pub fn each_handler_has_its_own_story(bench: &mut Bench) {
    bench.done(&bench.leased("a"));
    bench.switch_to("other");
    bench.dead(&bench.leased("a"), "no");
    let deliveries = bench.event("a").deliveries;
    assert_eq!(deliveries.iter().map(|d| &*d.handler).collect::<Vec<_>>(), ["h", "other"]);
    let settled = |status, error| DeliveryState::Settled { status, output: StoredOutput::None, error };
    assert_eq!(deliveries[0].state, settled(ResultStatus::Ok, None));
    assert_eq!(deliveries[1].state, settled(ResultStatus::Dead, Some("no".into())));
    assert_eq!(deliveries[1].attempts.len(), 1);
}
