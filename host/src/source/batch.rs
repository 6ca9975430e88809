//! Lines read, gathered until they are worth a commit.

use std::sync::Arc;

use super::ndjson::{Input, ReadLine};
use super::receipt::{Stub, TellReceipts};
use crate::route::Router;
use crate::store::{Addressed, Rejected};

const EVENTS_MAX: usize = 2048;
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// What goes to the store together.
pub struct Batch {
    pub events: Vec<Addressed>,
    pub rejected: Vec<Rejected>,
    /// One a line, in their order; none are kept when nobody is told.
    pub stubs: Option<Vec<Stub>>,
    /// Bytes of the inputs that this batch came from.
    pub taken_bytes: u64,
    bytes: usize,
    router: Arc<Router>,
}

impl Batch {
    /// An empty one of events that go where this router says, for a feed that tells or does not.
    pub fn new(router: Arc<Router>, tell: Option<&TellReceipts>) -> Self {
        Batch::with_stubs(router, tell.map(|_| Vec::new()))
    }

    fn with_stubs(router: Arc<Router>, stubs: Option<Vec<Stub>>) -> Self {
        Batch { events: Vec::new(), rejected: Vec::new(), stubs, taken_bytes: 0, bytes: 0, router }
    }

    pub fn push(&mut self, line: ReadLine, input: &Input) {
        if let Some(stubs) = &mut self.stubs {
            stubs.push(Stub::of(&line, input.name()));
        }
        self.taken_bytes += line.taken_bytes;
        match line.outcome {
            Ok(event) => {
                self.bytes += event.json().len();
                self.events.push(Addressed { to: self.router.route(&event), event });
            }
            Err(rejected) => {
                self.bytes += rejected.bytes.len();
                self.rejected.push(rejected);
            }
        }
    }

    pub fn is_full(&self) -> bool {
        self.events.len() + self.rejected.len() >= EVENTS_MAX || self.bytes >= BYTES_MAX
    }

    /// Takes what was gathered and leaves an empty batch of the same kind.
    pub fn take(&mut self) -> Self {
        let next = Batch::with_stubs(self.router.clone(), self.stubs.as_ref().map(|_| Vec::new()));
        std::mem::replace(self, next)
    }
}
