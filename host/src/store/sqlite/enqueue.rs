//! The source's side of a transaction: events, the rows that queue them, and rejected lines.

use rusqlite::params;

use super::ready::ReadyEvent;
use super::writer::Writer;
use crate::clock::UnixMillis;
use crate::event::AttemptCounts;
use crate::store::{Addressed, EnqueueFate, EventSeq, HandlerId, Rejected, Route};

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
    pub fn enqueue(&mut self, events: Vec<Addressed>) -> rusqlite::Result<Vec<EnqueueFate>> {
        let now = self.now();
        events.into_iter().map(|event| self.enqueue_one(event, None, now)).collect()
    }

    /// Stores an event unless it is known, and queues it for each of its handlers unless that was done
    /// before.
    pub fn enqueue_one(
        &mut self,
        Addressed { event, to }: Addressed,
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
            return self.queue_known(&to, source, event.id(), now);
        }
        self.next_seq += 1;
        let Some((last, others)) = to.handlers().split_last() else {
            self.sql.unmatched_insert.execute([seq])?;
            return Ok(EnqueueFate::Unmatched(EventSeq(seq)));
        };
        let json = event.into_json();
        for handler in others {
            self.queue_new(*handler, seq, hops, json.clone(), now)?;
        }
        self.queue_new(*last, seq, hops, json, now)?;
        let deliveries = 1 + others.len() as u32;
        Ok(EnqueueFate::Enqueued { event: EventSeq(seq), deliveries })
    }

    /// Queues an event that was just stored.
    fn queue_new(
        &mut self,
        handler: HandlerId,
        seq: i64,
        hops: u32,
        json: Box<str>,
        now: UnixMillis,
    ) -> rusqlite::Result<()> {
        let lease = self.grants.take(handler, json.len());
        let leased = u32::from(lease == StagedLease::Taken);
        self.sql.pending_insert.execute(params![seq, handler.0, leased, 0, json.len() as i64])?;
        self.changes.queued(handler, json.len() as u64);
        let counts = AttemptCounts { attempts: leased, ..AttemptCounts::default() };
        let event = ReadyEvent { seq, counts, accepted_at: now, hops, json };
        self.staged.push(Staged { handler, event, lease });
        Ok(())
    }

    /// Queues an event that is stored already: for handlers that are new to it.
    fn queue_known(
        &mut self,
        to: &Route,
        source: i64,
        id: &str,
        now: UnixMillis,
    ) -> rusqlite::Result<EnqueueFate> {
        let (seq, bytes): (i64, i64) =
            self.sql.event_find.query_row(params![source, id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut deliveries = 0;
        for handler in to.handlers() {
            let is_known: bool =
                self.sql.delivery_exists.query_row(params![seq, handler.0], |row| row.get(0))?;
            if !is_known {
                // Its number may lie before what the ready window has passed, so it is found by its time.
                self.sql.pending_insert.execute(params![seq, handler.0, 0, now.0.max(1), bytes])?;
                self.changes.queued(*handler, bytes.cast_unsigned());
                deliveries += 1;
            }
        }
        let event = EventSeq(seq);
        if deliveries == 0 {
            return Ok(EnqueueFate::Duplicate(event));
        }
        self.sql.unmatched_delete.execute([seq])?;
        Ok(EnqueueFate::Enqueued { event, deliveries })
    }

    pub fn reject(&mut self, lines: &[Rejected]) -> rusqlite::Result<()> {
        let now = self.now().0;
        for Rejected { file, line, reason, bytes } in lines {
            self.sql.rejected_insert.execute(params![file, *line as i64, reason, bytes, now])?;
        }
        Ok(())
    }
}
