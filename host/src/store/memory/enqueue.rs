//! The source's side.

use super::MemoryStore;
use super::tables::{Hold, Pending, StoredEvent, Tables};
use crate::clock::UnixMillis;
use crate::event::{AttemptCounts, NewEvent};
use crate::store::{Enqueue, EnqueueFate, EventSeq, HandlerId, Rejected, StoreError};

impl Enqueue for MemoryStore {
    fn enqueue(&self, handler: HandlerId, events: Vec<NewEvent>) -> Result<Vec<EnqueueFate>, StoreError> {
        let now = self.clock.now();
        let mut tables = self.tables();
        let fates = events.into_iter().map(|event| tables.enqueue(handler, event, None, now)).collect();
        self.bell.notify_all();
        Ok(fates)
    }

    fn reject(&self, lines: Vec<Rejected>) -> Result<(), StoreError> {
        self.tables().rejected.extend(lines);
        Ok(())
    }
}

impl Tables {
    /// Stores the event unless it is there, and queues it unless this handler had it before.
    pub fn enqueue(
        &mut self,
        handler: HandlerId,
        event: NewEvent,
        parent: Option<EventSeq>,
        now: UnixMillis,
    ) -> EnqueueFate {
        let (seq, due_at) = self.store(event, parent, now);
        if self.is_known(&(seq, handler)) {
            return EnqueueFate::Duplicate(seq);
        }
        let pending = Pending { hold: Hold::Waiting, counts: AttemptCounts::default(), due_at };
        self.pending.insert((seq, handler), pending);
        EnqueueFate::Enqueued(seq)
    }

    /// The event's number, and when it is due: one that is new takes its turn by its number, one that
    /// is stored already waits since now.
    fn store(
        &mut self,
        event: NewEvent,
        parent: Option<EventSeq>,
        now: UnixMillis,
    ) -> (EventSeq, Option<UnixMillis>) {
        let identity = (event.source().to_owned(), event.id().to_owned());
        if let Some(seq) = self.identities.get(&identity) {
            return (*seq, Some(now));
        }
        self.events_numbered += 1;
        let seq = EventSeq(self.events_numbered);
        self.identities.insert(identity, seq);
        self.events.insert(seq, StoredEvent { event, accepted_at: now, parent });
        (seq, None)
    }
}
