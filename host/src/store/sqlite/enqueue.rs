//! The source's side of a transaction: events, the rows that queue them, and rejected lines.

use rusqlite::params;

use super::ready::ReadyEvent;
use super::writer::Writer;
use crate::clock::UnixMillis;
use crate::event::{AttemptCounts, NewEvent};
use crate::store::{EnqueueFate, EventSeq, HandlerId, Rejected};

/// An event this transaction enqueued, on its way to a claim or to the ready window.
pub struct Staged {
    pub handler: HandlerId,
    pub event: ReadyEvent,
    pub lease: StagedLease,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StagedLease {
    /// Written as leased, for a claim that waits for it.
    Taken,
    /// To be leased when its turn comes.
    Open,
}

impl Writer<'_> {
    pub fn enqueue(
        &mut self,
        handler: HandlerId,
        events: Vec<NewEvent>,
    ) -> rusqlite::Result<Vec<EnqueueFate>> {
        let now = self.now();
        events.into_iter().map(|event| self.enqueue_one(handler, event, None, now)).collect()
    }

    /// Stores an event unless it is known, and queues it for a handler unless that was done before.
    pub fn enqueue_one(
        &mut self,
        handler: HandlerId,
        event: NewEvent,
        parent: Option<EventSeq>,
        now: UnixMillis,
    ) -> rusqlite::Result<EnqueueFate> {
        let sql = &mut self.sql;
        let source = self.names.id_of(event.source(), &mut sql.name_find, &mut sql.name_insert)?;
        let type_ = self.names.id_of(event.type_(), &mut sql.name_find, &mut sql.name_insert)?;
        let (id, hops, seq) = (event.id(), event.hops(), self.next_seq);
        let parent = parent.map(|parent| parent.0);
        let inserted =
            sql.event_insert.execute(params![seq, source, id, type_, hops, parent, now.0, event.json()])?;
        if inserted == 0 {
            return self.queue_known(handler, source, event.id(), now);
        }
        self.next_seq += 1;
        let lease = self.grants.take(handler, event.json().len());
        let leased = u32::from(lease == StagedLease::Taken);
        sql.pending_insert.execute(params![seq, handler.0, leased, 0])?;
        let counts = AttemptCounts { attempts: leased, ..AttemptCounts::default() };
        let event = ReadyEvent { seq, counts, accepted_at: now, hops, json: event.into_json() };
        self.staged.push(Staged { handler, event, lease });
        Ok(EnqueueFate::Enqueued(EventSeq(seq)))
    }

    /// Queues an event that is stored already: for a handler that is new to it.
    fn queue_known(
        &mut self,
        handler: HandlerId,
        source: i64,
        id: &str,
        now: UnixMillis,
    ) -> rusqlite::Result<EnqueueFate> {
        let seq: i64 = self.sql.event_find.query_row(params![source, id], |row| row.get(0))?;
        let known: bool = self.sql.delivery_exists.query_row(params![seq, handler.0], |row| row.get(0))?;
        if known {
            return Ok(EnqueueFate::Duplicate(EventSeq(seq)));
        }
        // Its number may lie before what the ready window has passed, so it is found by its time.
        self.sql.pending_insert.execute(params![seq, handler.0, 0, now.0.max(1)])?;
        Ok(EnqueueFate::Enqueued(EventSeq(seq)))
    }

    pub fn reject(&mut self, lines: &[Rejected]) -> rusqlite::Result<()> {
        let now = self.now().0;
        for Rejected { file, line, reason, bytes } in lines {
            self.sql.rejected_insert.execute(params![file, *line as i64, reason, bytes, now])?;
        }
        Ok(())
    }
}
