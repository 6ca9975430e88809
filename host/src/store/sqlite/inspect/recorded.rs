//! Events with all that is recorded of their attempts, by number: each look-up is a few steps down a tree,
//! so that they can be asked for in any order.

use rusqlite::{Connection, OptionalExtension, Result, Row, Statement, params};

use super::{exchange, row};
use crate::event::EmittedDigest;
use crate::store::{
    EventSeq, ModuleId, RecordedAttempt, RecordedEmitted, RecordedEvent, RecordedPage, RecordedResult,
};

const EVENT: &str = "
    SELECT name.text, event.id, event.json, event.accepted_at_ms, event.hops
    FROM event JOIN name ON name.id = event.source_id
    WHERE event.seq = ?1";

/// An attempt that ended well in silence stands in `outcome` alone. No other does, unless somebody took its
/// row away; its verdict is then the event's end, which no attempt has.
const ATTEMPTS: &str = "
    SELECT handler_id, number, module_id, verdict, message, logs, fuel, peak_memory_bytes, duration_us
    FROM attempt WHERE event_seq = ?1
    UNION ALL
    SELECT handler_id, attempts, module_id, iif(dead, 'dead', 'ok'), error, NULL,
           fuel, peak_memory_bytes, duration_us
    FROM outcome WHERE event_seq = ?1 AND NOT EXISTS (
        SELECT 1 FROM attempt
        WHERE event_seq = ?1 AND handler_id = outcome.handler_id AND number = outcome.attempts
    )
    ORDER BY handler_id, number";

const RESULT: &str = "
    SELECT outcome.dead, outcome.output, outcome.error, outcome.fuel,
           emitted.events, emitted.sha256, emitted.first_seq
    FROM outcome LEFT JOIN emitted USING (event_seq, handler_id)
    WHERE event_seq = ?1 AND handler_id = ?2 AND outcome.attempts = ?3";

const EMITTED: &str = "
    SELECT json FROM event WHERE seq >= ?2 AND seq < ?2 + ?3 AND parent_seq = ?1 ORDER BY seq";

/// The number of the newest event there is.
pub fn newest(connection: &Connection) -> Result<Option<EventSeq>> {
    let newest: Option<i64> = connection.query_row("SELECT max(seq) FROM event", [], |row| row.get(0))?;
    Ok(newest.map(EventSeq))
}

/// The first of these events that fit into so many bytes; one always does.
pub fn page(connection: &Connection, events: &[EventSeq], bytes_max: u64) -> Result<RecordedPage> {
    let mut recall = Recall::prepare(connection)?;
    let mut page = RecordedPage::default();
    let mut bytes = 0;
    for seq in events {
        if bytes >= bytes_max {
            break;
        }
        page.looked_at += 1;
        let Some(event) = recall.event(*seq)? else { continue };
        bytes += event.len_bytes();
        page.events.push(event);
    }
    Ok(page)
}

/// The statements of a page, prepared once.
struct Recall<'c> {
    event: Statement<'c>,
    attempts: Statement<'c>,
    result: Statement<'c>,
    emitted: Statement<'c>,
    exchanges: Statement<'c>,
}

impl<'c> Recall<'c> {
    fn prepare(connection: &'c Connection) -> Result<Self> {
        Ok(Recall {
            event: connection.prepare(EVENT)?,
            attempts: connection.prepare(ATTEMPTS)?,
            result: connection.prepare(RESULT)?,
            emitted: connection.prepare(EMITTED)?,
            exchanges: connection.prepare(exchange::OF_ATTEMPT)?,
        })
    }

    /// `None` for an event that is not there or has no attempt yet.
    fn event(&mut self, seq: EventSeq) -> Result<Option<RecordedEvent>> {
        let attempts = self.attempts(seq)?;
        if attempts.is_empty() {
            return Ok(None);
        }
        let event = self.event.query_row([seq.0], |row| {
            Ok(RecordedEvent {
                seq,
                source: row.get(0)?,
                id: row.get(1)?,
                json: row.get::<_, String>(2)?.into(),
                accepted_at: row::time(row, 3)?,
                hops: row.get(4)?,
                attempts,
            })
        });
        event.optional()
    }

    fn attempts(&mut self, seq: EventSeq) -> Result<Vec<RecordedAttempt>> {
        let Recall { attempts, result, emitted, exchanges, .. } = self;
        let found = attempts.query_map([seq.0], |row| {
            let (handler, number): (i64, u32) = (row.get(0)?, row.get(1)?);
            let made = |row: &Row<'_>| recorded_result(seq, row, emitted);
            Ok(RecordedAttempt {
                module: ModuleId(row.get(2)?),
                number,
                verdict: row.get(3)?,
                message: row.get(4)?,
                logs: row::pairs(row, 5)?,
                figures: row::figures(row, 6)?,
                result: result.query_row(params![seq.0, handler, number], made).optional()?,
                exchanges: exchanges
                    .query_map(params![seq.0, handler, number], exchange::of_row)?
                    .collect::<Result<_>>()?,
            })
        })?;
        found.collect()
    }
}

fn recorded_result(seq: EventSeq, row: &Row<'_>, emitted: &mut Statement<'_>) -> Result<RecordedResult> {
    Ok(RecordedResult {
        status: row::status(row, 0)?,
        output: row::output(row, 1)?,
        error: row.get(2)?,
        fuel: row::count(row, 3)?,
        emitted: recorded_emitted(seq, row, emitted)?,
    })
}

/// Reads the columns of `emitted`, which are null when there was nothing, and the events they tell of.
fn recorded_emitted(seq: EventSeq, row: &Row<'_>, emitted: &mut Statement<'_>) -> Result<RecordedEmitted> {
    let Some(events) = row.get::<_, Option<u32>>(4)? else { return Ok(RecordedEmitted::default()) };
    let digest = EmittedDigest { events, sha256: row.get(5)? };
    let first_seq: i64 = row.get(6)?;
    let stored = emitted.query_map(params![seq.0, first_seq, events], |row| row.get(0))?;
    Ok(RecordedEmitted { digest: Some(digest), events: stored.collect::<Result<_>>()? })
}
