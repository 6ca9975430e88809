//! A line as an event: a whole CloudEvent, the bare data of one, or what a handler emits.

use serde_json::Value;
use wasm_evq::event::{
    IdPointer, InvalidEvent, NewEvent, Parent, RawLines, TraceAttributes, emitted_event, parse_event,
};

use super::{Fate, assert_tells};

const BYTES_MAX: u64 = 64 * 1024;

const PARENT: Parent<'_> =
    Parent { source: "/shop", id: "1", handler: "fan-out", hops: 2, trace: &TraceAttributes::NONE };

pub fn event(bytes: &[u8]) -> Fate {
    // A byte order mark before it is no part of the text.
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes).trim_ascii();
    let whole = parse_event(bytes, BYTES_MAX);
    if let Ok(event) = &whole {
        assert_eq!(event.json().as_bytes(), text, "the text is kept to the byte");
    }
    let raw = RawLines::new("t", IdPointer::ContentHash).unwrap().wrap(bytes, BYTES_MAX);
    if let Ok(event) = &raw {
        assert!(event.json().contains(std::str::from_utf8(text).unwrap()));
    }
    let emitted = emitted_event(bytes, PARENT, 3, BYTES_MAX);
    if let Ok(event) = &emitted {
        assert_eq!((event.source(), event.hops()), ("/wasm-evq/handlers/fan-out", 3));
    }
    let fate = judged(&whole);
    judged(&raw);
    judged(&emitted);
    fate
}

/// What is an event is the same one when its text is read again, and to another reader of JSON too;
/// what is none is refused in words.
pub fn judged(read: &Result<NewEvent, InvalidEvent>) -> Fate {
    let event = match read {
        Ok(event) => event,
        Err(invalid) => {
            assert_tells(&invalid.to_string());
            return Fate::Refused;
        }
    };
    let again = parse_event(event.json().as_bytes(), u64::MAX).expect("an event's text is an event");
    assert_eq!(identity(&again), identity(event));
    assert_eq!(again.json(), event.json());
    // The other reader gives up on deep data.
    if let Ok(value) = serde_json::from_str::<Value>(event.json()) {
        let text = |name: &str| value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"));
        assert_eq!((text("source"), text("id"), text("type")), identity(event));
    }
    Fate::Taken
}

fn identity(event: &NewEvent) -> (&str, &str, &str) {
    (event.source(), event.id(), event.type_())
}
