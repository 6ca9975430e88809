//! Events gathered into one request.

use crate::event::NewEvent;
use crate::source::NextLine;

/// Well within what a server takes at once: see the limits in docs/serve.md.
const EVENTS_MAX: usize = 2_000;
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// A JSON array that grows.
#[derive(Default)]
pub struct Batch {
    json: Vec<u8>,
    events: usize,
    /// Bytes of the inputs that it came from.
    taken_bytes: u64,
}

/// A batch as it is sent.
pub struct Sealed {
    pub json: Vec<u8>,
    pub events: usize,
    pub taken_bytes: u64,
}

impl Batch {
    pub fn push(&mut self, event: &NewEvent, taken_bytes: u64) {
        self.json.push(if self.events == 0 { b'[' } else { b',' });
        self.json.extend_from_slice(event.json().as_bytes());
        self.events += 1;
        self.taken_bytes += taken_bytes;
    }

    pub fn is_due(&self, next: NextLine) -> bool {
        let is_full = self.events >= EVENTS_MAX || self.json.len() >= BYTES_MAX;
        is_full || (next == NextLine::MayWait && self.events > 0)
    }

    /// Takes what was gathered and leaves an empty batch; `None` when there is nothing.
    pub fn take(&mut self) -> Option<Sealed> {
        let Batch { mut json, events, taken_bytes } = std::mem::take(self);
        json.push(b']');
        (events > 0).then_some(Sealed { json, events, taken_bytes })
    }
}
