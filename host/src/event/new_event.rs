//! An event that passed every check: what the queue accepts, and nothing else can be built.

/// A valid CloudEvents 1.0 event, held as the JSON text it arrived in.
///
/// The text is kept rather than a tree of values: big integers, the order of keys and white space
/// in `data` survive as received, and the handler gets the very bytes its sender wrote. The four
/// attributes beside it are what the queue itself needs. The `cloudevents-sdk` crate is not used
/// because it parses `data` into `serde_json::Value`, which loses both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub(super) source: Box<str>,
    pub(super) id: Box<str>,
    pub(super) type_: Box<str>,
    pub(super) json: Box<str>,
    pub(super) hops: u32,
}

impl NewEvent {
    /// CloudEvents `source`; with [`NewEvent::id`] it is the event's identity.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// CloudEvents `id`, unique within the source.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// CloudEvents `type`.
    pub fn type_(&self) -> &str {
        &self.type_
    }

    /// The whole event as JSON text, as received.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// How many handlers stand between this event and one from outside: 0 for an event from
    /// outside, 1 for one that a handler emitted on it, and so on.
    pub fn hops(&self) -> u32 {
        self.hops
    }

    /// Gives up the text, for the back end that hands it to a worker.
    pub fn into_json(self) -> Box<str> {
        self.json
    }
}
