//! The source's side.

use super::MemoryStore;
use super::tables::{Hold, Pending, StoredEvent, Tables};
use crate::clock::UnixMillis;
use crate::event::{AttemptCounts, NewEvent};
use crate::store::{Addressed, Enqueue, EnqueueFate, EventSeq, Rejected, StoreError, TellFates, Unsettled};

impl Enqueue for MemoryStore {
    fn hand_over(&self, events: Vec<Addressed>, tell: TellFates) {
        let now = self.clock.now();
        let mut tables = self.tables();
        let fates = events.into_iter().map(|event| tables.enqueue(event, None, now)).collect();
        self.bell.notify_all();
        drop(tables);
        tell(Ok(fates));
    }

    fn reject(&self, lines: Vec<Rejected>) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.tables().rejected.extend(lines.into_iter().map(|line| (now, line)));
        Ok(())
    }

    fn unsettled(&self) -> Unsettled {
        let tables = self.tables();
        let mut unsettled = Unsettled::default();
        for (event, handler) in tables.pending.keys() {
            unsettled.add(*handler, tables.events[event].event.json().len() as u64);
        }
        unsettled
    }
}

impl Tables {
    /// Stores the event unless it is there, and queues it for each handler that has not had it.
    pub fn enqueue(
        &mut self,
        Addressed { event, to }: Addressed,
        parent: Option<EventSeq>,
        now: UnixMillis,
    ) -> EnqueueFate {
        let events_before = self.events_numbered;
        let (seq, due_at) = self.store(event, parent, now);
        let mut deliveries = 0;
        for handler in to.handlers() {
            if !self.is_known(&(seq, *handler)) {
                let pending = Pending { hold: Hold::Waiting, counts: AttemptCounts::default(), due_at };
                self.pending.insert((seq, *handler), pending);
                deliveries += 1;
            }
        }
        if deliveries > 0 {
            self.unmatched.remove(&seq);
            return EnqueueFate::Enqueued { event: seq, deliveries };
        }
        if self.events_numbered == events_before {
            return EnqueueFate::Duplicate(seq);
        }
        self.unmatched.insert(seq);
        EnqueueFate::Unmatched(seq)
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
