//! Why bytes are not an event: one line each, with the value, the limit and the cure.

/// What is wrong with a would-be event. The text is what `rejected.reason` holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEvent {
    #[error("the event is {bytes} bytes, the limit is {bytes_max}; raise --max-event")]
    TooLarge { bytes: u64, bytes_max: u64 },
    #[error("byte {at} is not UTF-8; CloudEvents JSON is UTF-8 text")]
    NotUtf8 { at: usize },
    #[error("not a CloudEvents JSON object: {0}")]
    NotAnEvent(String),
    #[error("attribute `{0}` is missing")]
    Missing(&'static str),
    #[error("attribute `{name}` is given twice")]
    Duplicate { name: String },
    #[error("attribute `{name}` is {problem}")]
    Attribute { name: String, problem: String },
    #[error("both `data` and `data_base64` are given; an event carries one of them")]
    TwoPayloads,
    #[error("no value at --id-pointer {pointer}; a string or an integer must stand there")]
    NoIdAtPointer { pointer: String },
    #[error("the emitted event sets `{0}`; the host does that, so that no handler speaks as another")]
    ReservedByHost(&'static str),
}

impl InvalidEvent {
    /// The attribute it is about, if it is about one.
    pub fn attribute(&self) -> Option<&str> {
        match self {
            InvalidEvent::Missing(name) | InvalidEvent::ReservedByHost(name) => Some(name),
            InvalidEvent::Duplicate { name } | InvalidEvent::Attribute { name, .. } => Some(name),
            InvalidEvent::TwoPayloads => Some("data"),
            InvalidEvent::TooLarge { .. }
            | InvalidEvent::NotUtf8 { .. }
            | InvalidEvent::NotAnEvent(_)
            | InvalidEvent::NoIdAtPointer { .. } => None,
        }
    }
}
