//! What a handler sees of its event.

use serde::Deserialize;
use wasm_evq_guest::testing::{self, Verdict};
use wasm_evq_guest::{Bytes, Error, Event, RawJson, Scalar, Value, handler, json};

const FULL: &str = r#"{"specversion":"1.0","id":"a\u0031","source":"/s","type":"t","subject":"sub\"ject",
    "time":"2026-01-31T12:00:00Z","datacontenttype":"application/json","dataschema":"/schema",
    "tier":"gold","weight":-7,"urgent":true,"absent":null,"data":{"z":12345678901234567890123,"a":1.50}}"#;

#[derive(Deserialize)]
struct Order {
    qty: u32,
}

#[test]
fn every_attribute_is_there() {
    let outcome = testing::run(
        |event: Event<&'static RawJson>| {
            assert_eq!(event.id(), "a1");
            assert_eq!(event.source(), "/s");
            assert_eq!(event.type_(), "t");
            assert_eq!(event.subject(), Some("sub\"ject"));
            assert_eq!(event.time(), Some("2026-01-31T12:00:00Z"));
            assert_eq!(event.datacontenttype(), Some("application/json"));
            assert_eq!(event.dataschema(), Some("/schema"));
            assert_eq!(event.extension("tier").and_then(Scalar::as_str), Some("gold"));
            assert_eq!(event.extension("weight").and_then(Scalar::as_i32), Some(-7));
            assert_eq!(event.extension("urgent").and_then(Scalar::as_bool), Some(true));
            assert_eq!(event.extension("absent"), None);
            assert_eq!(event.extension("subject"), None);
            assert_eq!(event.extensions().count(), 3);
        },
        FULL,
    );
    assert_eq!((outcome.verdict(), outcome.message()), (Verdict::Done, None));
    assert!(!outcome.has_output());
}

#[test]
fn what_is_not_there_is_none() {
    let outcome = testing::event("t").run(|event: Event| {
        assert_eq!((event.subject(), event.time(), event.dataschema()), (None, None, None));
        assert!(!event.has_data());
    });
    assert_eq!((outcome.verdict(), outcome.message()), (Verdict::Done, None));
}

#[test]
fn the_attempt_and_the_clock_are_the_hosts() {
    let event = testing::event("t").attempt(3).accepted_at_ms(42);
    let outcome = event.run(|event: Event| json!([event.attempt(), event.accepted_at_ms()]));
    assert_eq!(outcome.json(), json!([3, 42]));
}

#[test]
fn raw_json_keeps_big_integers_and_the_order_of_keys() {
    let outcome = testing::run(|event: Event<&'static RawJson>| event.into_data(), FULL);
    assert_eq!(outcome.bytes(), br#"{"z":12345678901234567890123,"a":1.50}"#);
}

#[test]
fn bytes_are_the_text_of_json_data() {
    let outcome = testing::run(|event: Event<Bytes>| event.into_data(), FULL);
    assert_eq!(outcome.bytes(), br#"{"z":12345678901234567890123,"a":1.50}"#);
}

#[test]
fn bytes_are_decoded_from_base64() {
    let outcome = testing::event("t").bytes([0, 255, 7]).run(|event: Event<Bytes>| event.into_data());
    assert_eq!(outcome.bytes(), [0, 255, 7]);
}

#[test]
fn json_may_travel_as_base64() {
    let outcome = testing::event("t").bytes(r#"{"qty":2}"#).run(quantity);
    assert_eq!(outcome.json(), 2);
    let outcome = testing::event("t").bytes([0xFF]).run(quantity);
    assert_eq!(outcome.verdict(), Verdict::Permanent);
    assert!(outcome.message().is_some_and(|text| text.contains("take `Event<Bytes>`")), "{outcome:?}");
}

#[test]
fn data_that_does_not_fit_is_permanent_and_says_where() {
    let outcome = testing::event("t").data(json!({"qty": -1})).run(quantity);
    assert_eq!(outcome.verdict(), Verdict::Permanent);
    assert_eq!(
        outcome.message(),
        Some("the data does not fit: invalid value: integer `-1`, expected u32 at line 1 column 9")
    );
}

#[test]
fn no_data_is_permanent() {
    let outcome = testing::event("t").run(quantity);
    assert_eq!(outcome.verdict(), Verdict::Permanent);
    assert_eq!(outcome.message(), Some("the event carries no data"));
}

#[test]
fn null_is_data() {
    let outcome = testing::event("t").data(Value::Null).run(|event: Event| event.into_data());
    assert_eq!(outcome.json(), Value::Null);
}

#[test]
fn data_can_be_looked_at_and_then_taken() {
    let outcome = testing::event("t").data([1, 2]).run(|event: Event<Vec<u32>>| {
        let count = event.data()?.len();
        assert_eq!(event.data()?.len(), count);
        event.into_data()
    });
    assert_eq!(outcome.json(), json!([1, 2]));
}

#[test]
fn random_bytes_derive_from_the_event() {
    let draw = |id: &str, attempt| {
        let event = testing::event("t").id(id).attempt(attempt);
        let outcome = event.run(|_: Event| {
            let mut bytes = [0; 16];
            wasm_evq_guest::random_fill(&mut bytes);
            bytes
        });
        outcome.json()
    };
    assert_eq!(draw("1", 1), draw("1", 2));
    assert_ne!(draw("1", 1), draw("2", 1));
}

#[handler]
fn quantity(event: Event<Order>) -> Result<u32, Error> {
    Ok(event.data()?.qty)
}
