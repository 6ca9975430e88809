//! Events that a handler emits: checked like any other, named by the host.

use sha2::{Digest, Sha256};

use super::parse::{Envelope, check_size};
use super::{InvalidEvent, NewEvent, TraceAttributes};

/// Longest part of a handler's name that goes into `source`.
const SOURCE_PREFIX: &str = "/wasm-evq/handlers/";

/// The event and handler on whose behalf something is emitted.
#[derive(Debug, Clone, Copy)]
pub struct Parent<'a> {
    pub source: &'a str,
    pub id: &'a str,
    pub handler: &'a str,
    pub hops: u32,
    pub trace: &'a TraceAttributes<'a>,
}

/// Builds the event that `parent`'s handler emitted as its `index`-th.
///
/// `source` and `id` are set here: the id derives from the parent's identity, the handler and the
/// index, so that a second run of the same attempt names the same event, and no handler can take
/// another's identity to have its events dropped as duplicates. An event that names no trace is one of its
/// parent's, if it is not too large with it.
///
/// # Errors
/// As [`super::parse_event`]; also when the text sets `source` or `id` itself.
pub fn emitted_event(
    json: &[u8],
    parent: Parent<'_>,
    index: u32,
    bytes_max: u64,
) -> Result<NewEvent, InvalidEvent> {
    check_size(json.len(), bytes_max)?;
    let text = std::str::from_utf8(json).map_err(|e| InvalidEvent::NotUtf8 { at: e.valid_up_to() })?;
    let text = text.trim_ascii();
    let envelope = Envelope::read_fragment(text)?;
    // Also as null: what the host sets would stand twice, and another reader take the null.
    if let Some(name) = ["id", "source"].into_iter().find(|name| envelope.names(name)) {
        return Err(InvalidEvent::ReservedByHost(name));
    }
    if envelope.names("specversion") && !envelope.has_specversion() {
        return Err(InvalidEvent::Missing("specversion"));
    }
    let type_ = envelope.type_.clone().ok_or(InvalidEvent::Missing("type"))?;
    let source = format!("{SOURCE_PREFIX}{}", parent.handler);
    let id = derived_id(parent, index);
    let json = complete(text, &source, &id, envelope.has_specversion());
    check_size(json.len(), bytes_max)?;
    let json = match envelope.names_its_trace() {
        true => json,
        false => within_trace(json, parent.trace, bytes_max),
    };
    Ok(NewEvent {
        source: source.into(),
        id: id.into(),
        type_: type_.into(),
        json: json.into(),
        hops: parent.hops + 1,
    })
}

/// What one attempt emitted, in a form that outlives the events: how many, and a hash of all of them in
/// order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmittedDigest {
    pub events: u32,
    pub sha256: [u8; 32],
}

impl EmittedDigest {
    /// `None` when nothing was emitted. An event's JSON text holds its source and id.
    pub fn of(emitted: &[NewEvent]) -> Option<Self> {
        if emitted.is_empty() {
            return None;
        }
        let mut hash = Sha256::new();
        for event in emitted {
            hash.update((event.json().len() as u64).to_le_bytes());
            hash.update(event.json());
        }
        let events = u32::try_from(emitted.len()).unwrap_or(u32::MAX);
        Some(EmittedDigest { events, sha256: hash.finalize().into() })
    }
}

/// 128 bits of the parent's identity, so that no two parents share a child.
fn derived_id(parent: Parent<'_>, index: u32) -> String {
    let mut hash = Sha256::new();
    for part in [parent.source, parent.id, parent.handler] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    format!("{}-{index}", hex::encode(&hash.finalize()[..16]))
}

/// Puts the attributes the host sets in front of those the handler wrote.
fn complete(text: &str, source: &str, id: &str, has_specversion: bool) -> String {
    let version = if has_specversion { "" } else { r#""specversion":"1.0","# };
    // The text is a JSON object with at least `type` in it, so a comma is always right here.
    let rest = &text[1..];
    let source = serde_json::Value::from(source);
    format!(r#"{{{version}"id":"{id}","source":{source},{rest}"#)
}

fn within_trace(json: String, trace: &TraceAttributes<'_>, bytes_max: u64) -> String {
    let traced = trace.stamped_on(&json);
    if check_size(traced.len(), bytes_max).is_ok() { traced } else { json }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: Parent<'_> =
        Parent { source: "/shop", id: "1", handler: "fan-out", hops: 2, trace: &TraceAttributes::NONE };

    #[test]
    fn an_emitted_event_is_a_valid_event_named_by_the_host() {
        let event = emitted_event(br#" {"type":"t","data":[1,2]}"#, PARENT, 3, 1000).unwrap();
        let again = super::super::parse_event(event.json().as_bytes(), 1000).unwrap();
        assert_eq!(again.id(), event.id());
        assert_eq!(again.source(), "/wasm-evq/handlers/fan-out");
        assert_eq!(event.hops(), 3);
        assert!(event.json().ends_with(r#""type":"t","data":[1,2]}"#), "{}", event.json());
    }

    #[test]
    fn the_same_parent_and_index_give_the_same_id_and_others_do_not() {
        let id =
            |parent, index| emitted_event(br#"{"type":"t"}"#, parent, index, 1000).unwrap().id().to_owned();
        assert_eq!(id(PARENT, 0), id(PARENT, 0));
        assert_ne!(id(PARENT, 0), id(PARENT, 1));
        assert_ne!(id(PARENT, 0), id(Parent { id: "2", ..PARENT }, 0));
        // Without the lengths in the hash these two would be one.
        let ab = Parent { source: "/a", id: "bc", ..PARENT };
        let abc = Parent { source: "/ab", id: "c", ..PARENT };
        assert_ne!(id(ab, 0), id(abc, 0));
    }

    #[test]
    fn a_handler_cannot_speak_as_another_source() {
        for source in [r#""/bank""#, "null"] {
            let forged = format!(r#"{{"type":"t","source":{source}}}"#);
            let forged = emitted_event(forged.as_bytes(), PARENT, 0, 1000);
            assert_eq!(forged, Err(InvalidEvent::ReservedByHost("source")));
        }
        let versionless = emitted_event(br#"{"type":"t","specversion":null}"#, PARENT, 0, 1000);
        assert_eq!(versionless, Err(InvalidEvent::Missing("specversion")));
    }

    #[test]
    fn an_emitted_event_is_of_its_parents_trace_unless_it_names_one_or_has_no_room() {
        let trace = TraceAttributes { parent: Some("p".into()), state: Some("s=1".into()) };
        let parent = Parent { trace: &trace, ..PARENT };
        let emitted = |json: &str, bytes_max| {
            let event = emitted_event(json.as_bytes(), parent, 0, bytes_max).unwrap();
            super::super::parse_event(event.json().as_bytes(), bytes_max).unwrap()
        };
        let event = emitted(r#"{"type":"t"}"#, 1000);
        assert!(event.json().ends_with(r#","type":"t","traceparent":"p","tracestate":"s=1"}"#), "{event:?}");
        let own = emitted(r#"{"type":"t","traceparent":"q"}"#, 1000);
        assert!(own.json().ends_with(r#""type":"t","traceparent":"q"}"#), "{own:?}");
        let tight = emitted(r#"{"type":"t"}"#, event.json().len() as u64 - 1);
        assert!(tight.json().ends_with(r#""type":"t"}"#), "{tight:?}");
    }
}
