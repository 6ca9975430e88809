//! Events that a handler emits.

use wasm_evq_guest::testing::{self, Outcome, Verdict};
use wasm_evq_guest::{Error, Event, RawJson, emit, json};

fn emitting(handle: impl Fn() -> Result<(), Error>) -> Outcome {
    testing::event("t").run(|_: Event| handle())
}

#[test]
fn everything_that_can_be_set_arrives() {
    let outcome = emitting(|| {
        emit::event("item")
            .subject("s")
            .time("2026-01-31T12:00:00Z")
            .dataschema("/schema")
            .extension("tier", "silver")
            .extension("tier", "gold")
            .extension("weight", 7)
            .extension("urgent", true)
            .data(&json!({"a": 1}))?
            .send()
    });
    let expected = json!({
        "type": "item", "subject": "s", "time": "2026-01-31T12:00:00Z", "dataschema": "/schema",
        "tier": "gold", "weight": 7, "urgent": true, "data": {"a": 1}
    });
    assert_eq!(outcome.emitted(), [expected]);
}

#[test]
fn data_can_be_bytes_or_passed_on_unread() {
    let outcome = testing::event("t").data(json!([1])).run(|event: Event<&'static RawJson>| {
        emit::event("raw").data(event.data()?)?.send()?;
        emit::event("bytes").bytes("text/plain", "hi").send()
    });
    let expected = [
        json!({"type": "raw", "data": [1]}),
        json!({"type": "bytes", "datacontenttype": "text/plain", "data_base64": "aGk="}),
    ];
    assert_eq!(outcome.emitted(), expected);
}

#[test]
fn names_that_no_extension_can_have_are_refused() {
    for name in ["", "Tier", "data_base64", "source", "id", "subject"] {
        let outcome = emitting(|| emit::event("item").extension(name, 1).send());
        assert_eq!(outcome.verdict(), Verdict::Permanent, "{name:?}");
        assert!(outcome.message().is_some_and(|text| text.contains(&format!("`{name}`"))), "{outcome:?}");
    }
    assert_eq!(emitting(|| emit::event("").send()).verdict(), Verdict::Permanent);
}

#[test]
fn what_a_failed_attempt_emitted_is_dropped() {
    let outcome = emitting(|| {
        emit::event("item").send()?;
        Err(Error::failed("later"))
    });
    assert_eq!((outcome.verdict(), outcome.emitted().len()), (Verdict::Failed, 0));
}
