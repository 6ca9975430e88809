//! Ending deliveries that wait, on a person's word: each takes the road of an attempt that nobody runs.

use rusqlite::params;

use super::row;
use super::writer::Writer;
use crate::clock::UnixMillis;
use crate::event::{AttemptCounts, Report, Settlement};
use crate::store::{Cancelled, EventSeq, HandlerId, LeaseId, ModuleId, Settled};

/// The module is the one that would have run it, as far as is known: the last that was registered.
const DELIVERIES: &str = "
    SELECT pending.event_seq, handler.id, handler.name, pending.leased, pending.attempts,
           pending.bytes, (SELECT max(id) FROM module WHERE module.handler_id = handler.id)
    FROM event
    JOIN pending ON pending.event_seq = event.seq
    JOIN handler ON handler.id = pending.handler_id
    WHERE event.source_id = (SELECT id FROM name WHERE text = ?1) AND event.id = ?2
      AND (?3 IS NULL OR handler.name = ?3)
    ORDER BY handler.id";

/// An event at a handler, not yet settled.
struct Open {
    /// Of the attempt that runs, or of the next.
    lease: LeaseId,
    name: String,
    is_leased: bool,
    event_bytes: u64,
    module: ModuleId,
}

impl Writer<'_> {
    pub fn cancel(&mut self, source: &str, id: &str, handler: Option<&str>) -> rusqlite::Result<Cancelled> {
        let now = self.now();
        let mut cancelled = Cancelled::default();
        for open in self.open_deliveries(source, id, handler)? {
            if open.is_leased {
                cancelled.running += 1;
                continue;
            }
            self.cancel_one(&open, now)?;
            cancelled.handlers.push(open.name);
        }
        Ok(cancelled)
    }

    fn open_deliveries(&self, source: &str, id: &str, handler: Option<&str>) -> rusqlite::Result<Vec<Open>> {
        let mut find = self.connection.prepare(DELIVERIES)?;
        let rows = find.query_map(params![source, id, handler], |row| {
            let (is_leased, attempts): (bool, u32) = (row.get(3)?, row.get(4)?);
            let attempt = attempts + u32::from(!is_leased);
            let lease = LeaseId { event: EventSeq(row.get(0)?), handler: HandlerId(row.get(1)?), attempt };
            let (event_bytes, module) = (row::count(row, 5)?, ModuleId(row.get(6)?));
            Ok(Open { lease, name: row.get(2)?, is_leased, event_bytes, module })
        })?;
        rows.collect()
    }

    fn cancel_one(&mut self, open: &Open, now: UnixMillis) -> rusqlite::Result<()> {
        let lease = open.lease;
        self.sql.pending_lease.execute(params![lease.event.0, lease.handler.0])?;
        let settled = Settled {
            lease,
            counts: AttemptCounts { attempts: lease.attempt, ..AttemptCounts::default() },
            event_bytes: open.event_bytes,
            module: open.module,
            settlement: Settlement::Dead,
            report: Report::cancelled(),
            routes: Vec::new(),
            finished_at: now,
        };
        self.settle_one(settled)?;
        // The event may stand in the window; what waits is loaded anew.
        self.ready.remove(&lease.handler);
        Ok(())
    }
}
