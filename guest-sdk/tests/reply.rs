//! What is recorded of what a handler returns, or fails with.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use wasm_evq_guest::testing::{self, Outcome, Verdict};
use wasm_evq_guest::{Bytes, Error, Event, Output, json, log};

fn failing(error: impl Fn() -> Error) -> Outcome {
    testing::event("t").run(move |_: Event| Err::<(), _>(error()))
}

#[derive(Debug)]
struct Chained(&'static str, Option<Box<Chained>>);

impl fmt::Display for Chained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Chained {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

#[test]
fn outputs_with_and_without_a_result() {
    fn output<O: Output>(make: impl Fn() -> O) -> Outcome {
        testing::event("t").run(|_: Event| make())
    }
    assert_eq!(output(|| 7).json(), 7);
    assert_eq!(output(|| json!({"a": [1]})).bytes(), br#"{"a":[1]}"#);
    assert_eq!(output(|| Bytes::from("x")).bytes(), b"x");
    assert!(!output(|| ()).has_output());
    assert_eq!(output(|| None::<u32>).bytes(), b"null");
    let outcome = testing::event("t").run(|_: Event| Ok::<_, Error>("fine"));
    assert_eq!(outcome.json(), "fine");
}

#[test]
fn an_output_that_json_cannot_hold_is_permanent() {
    let outcome = testing::event("t").run(|_: Event| HashMap::from([((1, 2), 3)]));
    assert_eq!(outcome.verdict(), Verdict::Permanent);
    assert_eq!(outcome.message(), Some("the output cannot be written as JSON: key must be a string"));
}

#[test]
fn a_question_mark_keeps_the_sources() {
    let outcome = testing::event("t").run(|_: Event| -> Result<(), Error> {
        let cause = Chained("b", Some(Box::new(Chained("c", None))));
        Err(Chained("a", Some(Box::new(cause))))?
    });
    assert_eq!(outcome.verdict(), Verdict::Failed);
    assert_eq!(outcome.message(), Some("a: b: c"));
}

#[test]
fn each_kind_of_failure_has_its_verdict() {
    assert_eq!(failing(|| Error::failed("x")).verdict(), Verdict::Failed);
    assert_eq!(failing(|| Error::permanent("x")).verdict(), Verdict::Permanent);
    let later = failing(|| Error::retry_after(Duration::from_micros(1500), "x"));
    assert_eq!(later.verdict(), Verdict::RetryAfter(Duration::from_millis(2)));
    assert_eq!(later.message(), Some("x"));
    let never = failing(|| Error::retry_after(Duration::MAX, "x"));
    assert_eq!(never.verdict(), Verdict::RetryAfter(Duration::from_millis(i64::MAX as u64)));
}

#[test]
fn a_long_message_is_cut_between_characters() {
    let outcome = failing(|| Error::failed("é".repeat(3000)));
    assert_eq!(outcome.message().map(str::len), Some(4096));
    let outcome = failing(|| Error::failed(format!("x{}", "é".repeat(3000))));
    assert_eq!(outcome.message().map(str::len), Some(4095));
}

#[test]
fn a_panic_says_where_and_keeps_the_logs() {
    let outcome = testing::event("t").run(|_: Event| {
        log::warn!("about to fall over {}", 1);
        assert_eq!(1 + 1, 3, "arithmetic");
    });
    assert_eq!(outcome.verdict(), Verdict::Panicked);
    let message = outcome.message().unwrap_or_default();
    assert!(message.starts_with("panicked at "), "{message}");
    assert!(message.contains("reply.rs:") && message.contains("arithmetic"), "{message}");
    assert_eq!(
        (outcome.logs()[0].level, &*outcome.logs()[0].text),
        (log::Level::Warn, "about to fall over 1")
    );
}

#[test]
fn every_level_is_logged() {
    let outcome = testing::event("t").run(|_: Event| {
        log::error!("1");
        log::warn!("2");
        log::info!("3");
        log::debug!("4");
        log::trace!("5");
    });
    let levels: Vec<_> = outcome.logs().iter().map(|line| line.level).collect();
    assert_eq!(levels, log::Level::iter().collect::<Vec<_>>());
}
