//! Who an event is, read again from its text.

use std::borrow::Cow;

use super::TraceAttributes;
use super::parse::Envelope;

/// The attributes that every event has, and what it says of its trace.
pub struct Attributes<'a> {
    pub source: Cow<'a, str>,
    pub id: Cow<'a, str>,
    pub type_: Cow<'a, str>,
    pub trace: TraceAttributes<'a>,
}

/// The attributes of an event that was accepted before. Read anew where they are needed, on the few
/// roads that need them, rather than carried beside every event on all roads.
pub fn attributes_of(json: &str) -> Attributes<'_> {
    let envelope = Envelope::read(json).unwrap_or_default();
    Attributes {
        source: envelope.source.unwrap_or_default(),
        id: envelope.id.unwrap_or_default(),
        type_: envelope.type_.unwrap_or_default(),
        trace: envelope.trace,
    }
}
