//! The trace that an event belongs to: the attributes of CloudEvents' extension Distributed Tracing, in the
//! words of W3C's Trace Context.

use std::borrow::Cow;

use serde_json::Value;

use super::NewEvent;
use super::parse::Envelope;

/// What is said of a trace, as it stands: whoever traces finds out whether it means anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceAttributes<'a> {
    /// `traceparent`: the trace and the span in which the event came about.
    pub parent: Option<Cow<'a, str>>,
    /// `tracestate`: what tracing systems tell each other beside it.
    pub state: Option<Cow<'a, str>>,
}

impl TraceAttributes<'_> {
    /// Of an event that belongs to no trace.
    pub const NONE: TraceAttributes<'static> = TraceAttributes { parent: None, state: None };

    /// The text of an event as one of this trace.
    pub(super) fn stamped_on(&self, json: &str) -> String {
        let member = |name, value: &Option<Cow<'_, str>>| {
            value.as_deref().map(|text| format!(",\"{name}\":{}", Value::from(text))).unwrap_or_default()
        };
        let (parent, state) = (member("traceparent", &self.parent), member("tracestate", &self.state));
        // An event is a JSON object with attributes in it, so a comma is always right here. At its end, so
        // that the text begins as its sender wrote it.
        let open = json.strip_suffix('}').unwrap_or(json);
        format!("{open}{parent}{state}}}")
    }
}

impl Envelope<'_> {
    /// Whether the event says itself, be it with null, which trace it belongs to.
    pub(super) fn names_its_trace(&self) -> bool {
        self.names("traceparent") || self.names("tracestate")
    }
}

impl NewEvent {
    /// The event as one of this trace; `None` when it says itself which one it belongs to.
    pub fn within(&self, trace: &TraceAttributes<'_>) -> Option<NewEvent> {
        let envelope = Envelope::read(&self.json).ok()?;
        let is_free = !envelope.names_its_trace();
        is_free.then(|| NewEvent { json: trace.stamped_on(&self.json).into(), ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{attributes_of, parse_event};

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn event(more: &str) -> NewEvent {
        let json =
            format!(r#"{{"data":{{"a":[1]}},"specversion":"1.0","id":"1","source":"/s","type":"t"{more} }}"#);
        parse_event(json.as_bytes(), 4096).unwrap()
    }

    #[test]
    fn an_event_that_names_no_trace_becomes_one_of_the_trace_and_is_valid() {
        let trace = TraceAttributes { parent: Some(PARENT.into()), state: Some("a=\"b\"".into()) };
        let event = event("");
        let traced = event.within(&trace).unwrap();
        let again = parse_event(traced.json().as_bytes(), 4096).unwrap();
        assert_eq!(attributes_of(again.json()).trace, trace);
        assert_eq!((again.id(), again.source()), (event.id(), event.source()));
        assert!(again.json().starts_with(&event.json()[..event.json().len() - 1]), "{}", again.json());
    }

    #[test]
    fn what_an_event_says_of_its_trace_is_its_own() {
        let trace = TraceAttributes { parent: Some(PARENT.into()), state: None };
        for own in [r#","traceparent":"nonsense""#, r#","traceparent":null"#, r#","tracestate":"a=b""#] {
            assert_eq!(event(own).within(&trace), None, "{own}");
        }
    }
}
