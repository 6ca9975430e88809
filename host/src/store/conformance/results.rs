//! The list of results agrees with what was done.

use std::ops::ControlFlow;
use std::time::Duration;

use super::bench::{Bench, event_from, failed, ok, report};
use crate::event::{Output, Settlement, Verdict};
use crate::store::{ResultFilter, ResultRow, ResultStatus, StoredOutput};

pub fn a_result_carries_what_the_attempt_left(bench: &mut Bench) {
    let leased = bench.leased("a");
    bench.retry(&leased, failed("no"));
    bench.advance(Duration::from_secs(1));
    bench.done(&bench.claim_one());
    let expected = ResultRow {
        event_id: "a".into(),
        source: "/source".into(),
        type_: "t".into(),
        handler: "h".into(),
        handler_sha256: "ab".repeat(32),
        status: ResultStatus::Ok,
        output: StoredOutput::None,
        error: None,
        attempts: 2,
        figures: report(ok()).figures,
        finished_at: bench.now(),
    };
    assert_eq!(bench.all_results(), [expected]);
}

pub fn an_output_is_kept_as_it_was(bench: &mut Bench) {
    let json = r#"{"z": 123456789012345678901234567890, "a": "é", "f": 1.50}"#;
    let outputs = [Output::Json(json.into()), Output::Bytes([0, 255, b'"'].into()), Output::None];
    bench.enqueue(["json", "bytes", "none"]);
    for (leased, output) in bench.claim().iter().zip(outputs) {
        bench.settle(leased, Settlement::Done, Verdict::Ok { output, emitted: Vec::new() });
    }
    let stored: Vec<_> = bench.all_results().into_iter().map(|row| row.output).collect();
    let expected =
        [StoredOutput::Json(json.into()), StoredOutput::Bytes(vec![0, 255, b'"']), StoredOutput::None];
    assert_eq!(stored, expected);
}

pub fn a_dead_event_has_its_reason_or_else_the_verdicts_code(bench: &mut Bench) {
    bench.bury(["a"], "no stock");
    bench.bury(["b"], "");
    let results = bench.all_results();
    assert_eq!(results[0].error.as_deref(), Some("no stock"));
    assert_eq!(results[1].error.as_deref(), Some("failed"));
    assert!(results.iter().all(|row| row.status == ResultStatus::Dead));
}

pub fn results_are_filtered_by_status_type_and_handler(bench: &mut Bench) {
    bench.enqueue_all(vec![event_from("a", "/s", "paid"), event_from("b", "/s", "sent")]);
    let leases = bench.claim();
    bench.done(&leases[0]);
    bench.dead(&leases[1], "no");
    bench.switch_to("other");
    bench.done(&bench.leased("c"));
    let all = ResultFilter::default;
    let fits = |filter| bench.result_ids(&filter);
    assert_eq!(fits(ResultFilter { status: Some(ResultStatus::Ok), ..all() }), ["a", "c"]);
    assert_eq!(fits(ResultFilter { status: Some(ResultStatus::Dead), ..all() }), ["b"]);
    assert_eq!(fits(ResultFilter { type_: Some("sent".into()), ..all() }), ["b"]);
    assert_eq!(fits(ResultFilter { handler: Some("other".into()), ..all() }), ["c"]);
    let both = ResultFilter { status: Some(ResultStatus::Ok), handler: Some("h".into()), ..all() };
    assert_eq!(fits(both), ["a"]);
    assert!(fits(ResultFilter { type_: Some("unknown".into()), ..all() }).is_empty());
}

pub fn results_are_filtered_by_time(bench: &mut Bench) {
    let begin = bench.now();
    for id in ["a", "b", "c"] {
        bench.done(&bench.leased(id));
        bench.advance(Duration::from_secs(1));
    }
    let at = |seconds| Some(begin.after(Duration::from_secs(seconds)));
    let filter = ResultFilter { since: at(1), until: at(2), ..ResultFilter::default() };
    assert_eq!(bench.result_ids(&filter), ["b"], "since is included, until is not");
}

pub fn results_are_filtered_by_error_text(bench: &mut Bench) {
    bench.done(&bench.leased("ok"));
    bench.bury(["a"], "50% of it");
    bench.bury(["b"], "50 of it");
    let filter = ResultFilter { error_contains: Some("50% ".into()), ..ResultFilter::default() };
    assert_eq!(bench.result_ids(&filter), ["a"]);
}

pub fn results_come_oldest_first_up_to_the_limit(bench: &mut Bench) {
    bench.enqueue(["c", "a", "b"]);
    let leases = bench.claim();
    leases.iter().rev().for_each(|leased| assert!(super::bench::recorded(bench.dead(leased, "no"))));
    let limited =
        |status| bench.result_ids(&ResultFilter { limit: Some(2), status, ..ResultFilter::default() });
    assert_eq!(limited(None), ["c", "a"]);
    assert_eq!(limited(Some(ResultStatus::Dead)), ["c", "a"]);
}

pub fn reading_ends_when_the_reader_has_enough(bench: &mut Bench) {
    bench.bury(["a", "b", "c"], "no");
    let mut seen = Vec::new();
    let mut first = |row: ResultRow| {
        seen.push(row.event_id);
        ControlFlow::Break(())
    };
    bench.inspect().results(&ResultFilter::default(), &mut first).unwrap();
    assert_eq!(seen, ["a"]);
}

pub fn a_result_is_found_by_its_event_and_handler(bench: &mut Bench) {
    bench.enqueue_all(vec![event_from("a", "/s", "t"), event_from("a", "/other", "t")]);
    let leases = bench.claim();
    bench.done(&leases[0]);
    let result = |source, id, handler| bench.inspect().result_of(source, id, handler).unwrap();
    assert_eq!(result("/s", "a", "h").as_ref(), Some(&bench.all_results()[0]));
    for (source, id, handler) in [("/other", "a", "h"), ("/s", "b", "h"), ("/s", "a", "x"), ("/x", "a", "h")]
    {
        assert_eq!(result(source, id, handler), None, "{source} {id} {handler}");
    }
}
