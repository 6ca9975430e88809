//! Leasing: which events run next, counted in the file before anyone runs them.

use std::time::Instant;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::command::{Answer, Reply, answer};
use super::ready::ReadyEvent;
use super::writer::Writer;
use crate::clock::UnixMillis;
use crate::event::AttemptCounts;
use crate::store::{Claim, EventSeq, HandlerId, LeaseId, Leased, Room};

/// A claim that waits for events.
pub struct Parked {
    pub handler: HandlerId,
    pub room: Room,
    pub until: Instant,
    pub reply: Reply<Claim>,
}

/// Leases whose owner ended without settling them.
pub fn load_orphans(connection: &Connection) -> rusqlite::Result<Vec<LeaseId>> {
    let mut find = connection
        .prepare("SELECT event_seq, handler_id, attempts FROM pending WHERE leased = 1 ORDER BY event_seq")?;
    let rows = find.query_map([], |row| {
        Ok(LeaseId { event: EventSeq(row.get(0)?), handler: HandlerId(row.get(1)?), attempt: row.get(2)? })
    })?;
    rows.collect()
}

impl Writer<'_> {
    /// Serves every waiting claim for which there is something, whose time is up, or that is woken.
    /// After a failure all of them still wait, to be told of it.
    pub fn serve_claims(&mut self, answers: &mut Vec<Answer>) -> rusqlite::Result<()> {
        let now = self.now();
        self.awaits_due = false;
        let asked: Vec<_> =
            self.parked.iter().map(|parked| (parked.handler, parked.room, parked.until)).collect();
        let claims = asked.into_iter().map(|(handler, room, until)| {
            let is_over = self.woken.contains(&handler) || until <= Instant::now();
            self.claim(handler, room, now).map(|claim| (is_over || !claim.leases.is_empty()).then_some(claim))
        });
        let claims: Vec<Option<Claim>> = claims.collect::<rusqlite::Result<_>>()?;
        for (parked, claim) in std::mem::take(&mut self.parked).into_iter().zip(claims) {
            self.woken.remove(&parked.handler);
            match claim {
                Some(claim) => answers.push(answer(parked.reply, claim)),
                None => self.parked.push(parked),
            }
        }
        Ok(())
    }

    fn claim(&mut self, handler: HandlerId, room: Room, now: UnixMillis) -> rusqlite::Result<Claim> {
        let leases = self.lease(handler, room, now)?;
        let next_due_at: Option<i64> = self.sql.pending_next_due.query_row([handler.0], |row| row.get(0))?;
        self.awaits_due |= leases.is_empty() && next_due_at.is_some();
        Ok(Claim { leases, next_due_at: next_due_at.map(UnixMillis) })
    }

    fn lease(&mut self, handler: HandlerId, room: Room, now: UnixMillis) -> rusqlite::Result<Vec<Leased>> {
        let taken = self.taken.remove(&handler).unwrap_or_default();
        let mut bytes = taken.iter().map(|event| event.json.len() as u64).sum();
        let mut leases: Vec<Leased> =
            taken.into_iter().map(|event| leased_from(handler, event.counts, event)).collect();
        if leases.len() == room.events_max {
            return Ok(leases);
        }
        for event in self.due(handler, room, now)? {
            if !fits(&leases, bytes, event.json.len(), room) {
                break;
            }
            bytes += event.json.len() as u64;
            leases.push(self.lease_one(handler, event)?);
        }
        while let Some(len) = self.next_ready_len(handler)? {
            if !fits(&leases, bytes, len, room) {
                break;
            }
            bytes += len as u64;
            let event = self.ready.entry(handler).or_default().pop();
            leases.extend(event.map(|event| self.lease_one(handler, event)).transpose()?);
        }
        Ok(leases)
    }

    /// Events that waited for their time.
    fn due(&mut self, handler: HandlerId, room: Room, now: UnixMillis) -> rusqlite::Result<Vec<ReadyEvent>> {
        let limit = room.events_max as i64;
        self.sql.pending_due.query_map(params![handler.0, now.0, limit], ready_event)?.collect()
    }

    /// The size of the next event in the ready window, which is loaded from the file if need be.
    fn next_ready_len(&mut self, handler: HandlerId) -> rusqlite::Result<Option<usize>> {
        const LOAD_ROWS: usize = 1024;
        let ready = self.ready.entry(handler).or_default();
        if ready.must_load() {
            let window = params![handler.0, ready.cursor(), LOAD_ROWS as i64];
            let rows = self.sql.pending_load.query_map(window, ready_event)?;
            let events: Vec<ReadyEvent> = rows.collect::<rusqlite::Result<_>>()?;
            let caught_up = events.len() < LOAD_ROWS;
            ready.load(events, caught_up);
        }
        Ok(ready.next_len())
    }

    /// Counts the attempt and gives out its lease.
    fn lease_one(&mut self, handler: HandlerId, event: ReadyEvent) -> rusqlite::Result<Leased> {
        let leased = self.sql.pending_lease.execute(params![event.seq, handler.0])?;
        debug_assert_eq!(leased, 1, "the ready window holds only rows that wait");
        Ok(leased_from(handler, AttemptCounts { attempts: event.counts.attempts + 1, ..event.counts }, event))
    }

    pub fn claim_suspect(&mut self, handler: HandlerId) -> rusqlite::Result<Option<Leased>> {
        let now = self.now();
        let suspect =
            self.sql.pending_suspect.query_row(params![handler.0, now.0], ready_event).optional()?;
        suspect.map(|event| self.lease_one(handler, event)).transpose()
    }

    pub fn take_orphans(&mut self, handler: HandlerId) -> rusqlite::Result<Vec<Leased>> {
        let (mine, others): (Vec<_>, Vec<_>) =
            self.orphans.drain(..).partition(|lease| lease.handler == handler);
        self.orphans = others;
        mine.into_iter()
            .map(|lease| {
                let event = self.sql.pending_one.query_row(params![lease.event.0, handler.0], ready_event)?;
                Ok(leased_from(handler, event.counts, event))
            })
            .collect()
    }

    pub fn release(&mut self, leases: &[LeaseId]) -> rusqlite::Result<()> {
        let now = self.now().0.max(1);
        for LeaseId { event, handler, attempt } in leases {
            self.sql.pending_release.execute(params![event.0, handler.0, attempt, now])?;
        }
        Ok(())
    }
}

/// Whether another event may go into a claim: a first one always may.
fn fits(leases: &[Leased], bytes: u64, len: usize, room: Room) -> bool {
    leases.len() < room.events_max && (leases.is_empty() || bytes + len as u64 <= room.bytes_max)
}

fn leased_from(handler: HandlerId, counts: AttemptCounts, event: ReadyEvent) -> Leased {
    Leased {
        id: LeaseId { event: EventSeq(event.seq), handler, attempt: counts.attempts },
        counts,
        accepted_at: event.accepted_at,
        hops: event.hops,
        json: event.json,
    }
}

/// Reads the columns that `ready_from!` selects.
fn ready_event(row: &Row<'_>) -> rusqlite::Result<ReadyEvent> {
    Ok(ReadyEvent {
        seq: row.get(0)?,
        counts: AttemptCounts {
            attempts: row.get(1)?,
            failures: row.get(2)?,
            deferrals: row.get(3)?,
            losses: row.get(4)?,
        },
        accepted_at: UnixMillis(row.get(5)?),
        hops: row.get(6)?,
        json: row.get(7)?,
    })
}
