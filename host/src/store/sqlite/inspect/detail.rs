//! An event with all that happened to it.

use rusqlite::{Connection, Result, Row, params};

use super::{exchange, row};
use crate::store::{AttemptDetail, DeliveryDetail, DeliveryState, EventDetail, EventSeq, ResultStatus};

/// Names stand first on purpose: for each of the few names one look into the index of identities,
/// instead of a walk over all events.
const EVENTS: &str = "
    SELECT event.seq, event.json, event.accepted_at_ms, event.hops
    FROM name CROSS JOIN event ON event.source_id = name.id AND event.id = ?1
    WHERE ?2 IS NULL
    ORDER BY event.seq";

const EVENT_OF_SOURCE: &str = "
    SELECT event.seq, event.json, event.accepted_at_ms, event.hops
    FROM event WHERE id = ?1 AND source_id = (SELECT id FROM name WHERE text = ?2)";

const PENDING: &str = "
    SELECT handler.id, handler.name, pending.leased, pending.attempts, pending.due_at_ms
    FROM pending JOIN handler ON handler.id = pending.handler_id
    WHERE pending.event_seq = ?1";

const SETTLED: &str = "
    SELECT handler.id, handler.name, outcome.dead, outcome.output, outcome.error
    FROM outcome JOIN handler ON handler.id = outcome.handler_id
    WHERE outcome.event_seq = ?1";

/// Recorded attempts, and the one that ended well in silence: that stands in `outcome` alone.
const ATTEMPTS: &str = "
    SELECT past.number, past.verdict, past.message, past.backtrace, past.logs, module.sha256, module.engine,
           module.limits, past.fuel, past.peak_memory_bytes, past.duration_us, past.finished_at_ms
    FROM (
        SELECT number, verdict, message, backtrace, logs, module_id,
               fuel, peak_memory_bytes, duration_us, finished_at_ms
        FROM attempt WHERE event_seq = ?1 AND handler_id = ?2
        UNION ALL
        SELECT attempts, 'ok', NULL, NULL, NULL, module_id,
               fuel, peak_memory_bytes, duration_us, finished_at_ms
        FROM outcome WHERE event_seq = ?1 AND handler_id = ?2 AND dead = 0 AND NOT EXISTS (
            SELECT 1 FROM attempt WHERE event_seq = ?1 AND handler_id = ?2 AND number = outcome.attempts
        )
    ) AS past
    JOIN module ON module.id = past.module_id
    ORDER BY past.number";

/// All events with this id, of every source or of one.
pub fn events(connection: &Connection, id: &str, source: Option<&str>) -> Result<Vec<EventDetail>> {
    let mut statement = connection.prepare(if source.is_some() { EVENT_OF_SOURCE } else { EVENTS })?;
    let mut events =
        statement.query_map(params![id, source], event_detail)?.collect::<Result<Vec<EventDetail>>>()?;
    for event in &mut events {
        event.deliveries = deliveries(connection, event.seq)?;
    }
    Ok(events)
}

fn event_detail(row: &Row<'_>) -> Result<EventDetail> {
    Ok(EventDetail {
        seq: EventSeq(row.get(0)?),
        json: row.get(1)?,
        accepted_at: row::time(row, 2)?,
        hops: row.get(3)?,
        deliveries: Vec::new(),
    })
}

/// The event at each handler that has it, in the order in which the store met the handlers.
fn deliveries(connection: &Connection, event: EventSeq) -> Result<Vec<DeliveryDetail>> {
    let mut found: Vec<(i64, DeliveryDetail)> = Vec::new();
    for (query, state) in [(PENDING, pending_state as StateOf), (SETTLED, settled_state as StateOf)] {
        let mut statement = connection.prepare(query)?;
        let rows = statement.query_map([event.0], |row| {
            let delivery = DeliveryDetail { handler: row.get(1)?, state: state(row)?, attempts: Vec::new() };
            Ok((row.get(0)?, delivery))
        })?;
        found.extend(rows.collect::<Result<Vec<_>>>()?);
    }
    found.sort_by_key(|(handler_id, _)| *handler_id);
    for (handler_id, delivery) in &mut found {
        delivery.attempts = attempts(connection, event, *handler_id)?;
    }
    Ok(found.into_iter().map(|(_, delivery)| delivery).collect())
}

type StateOf = fn(&Row<'_>) -> Result<DeliveryState>;

fn pending_state(row: &Row<'_>) -> Result<DeliveryState> {
    let attempts = row.get(3)?;
    if row.get(2)? {
        return Ok(DeliveryState::Leased { attempt: attempts });
    }
    let due_at = row::time(row, 4)?;
    Ok(DeliveryState::Pending { attempts, due_at: (due_at.0 > 0).then_some(due_at) })
}

fn settled_state(row: &Row<'_>) -> Result<DeliveryState> {
    let status: ResultStatus = row::status(row, 2)?;
    Ok(DeliveryState::Settled { status, output: row::output(row, 3)?, error: row.get(4)? })
}

fn attempts(connection: &Connection, event: EventSeq, handler_id: i64) -> Result<Vec<AttemptDetail>> {
    let mut statement = connection.prepare(ATTEMPTS)?;
    let found = statement.query_map(params![event.0, handler_id], attempt_detail)?;
    let mut found = found.collect::<Result<Vec<AttemptDetail>>>()?;
    let mut exchanges = connection.prepare(exchange::OF_ATTEMPT)?;
    for attempt in &mut found {
        let of_attempt = params![event.0, handler_id, attempt.number];
        attempt.exchanges = exchanges.query_map(of_attempt, exchange::of_row)?.collect::<Result<_>>()?;
    }
    Ok(found)
}

fn attempt_detail(row: &Row<'_>) -> Result<AttemptDetail> {
    Ok(AttemptDetail {
        number: row.get(0)?,
        verdict: row.get(1)?,
        message: row.get(2)?,
        backtrace: row.get(3)?,
        logs: row::pairs(row, 4)?,
        handler_sha256: row::hex_of(row, 5)?,
        engine: row.get(6)?,
        limits: row::limits(row, 7)?,
        figures: row::figures(row, 8)?,
        finished_at: row::time(row, 11)?,
        exchanges: Vec::new(),
    })
}

/// How SQLite means to find an event by its id.
#[cfg(test)]
pub fn plan(connection: &Connection) -> Result<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {EVENTS}"))?;
    let steps = statement.query_map(params!["id", None::<&str>], |row| row.get::<_, String>(3))?;
    Ok(steps.collect::<Result<Vec<_>>>()?.join("\n"))
}
