//! A person's hand on dead events, as SQL for the writer to run inside its transaction.
//!
//! Knows neither transactions nor threads. The events that fit are written down once, in a temporary
//! table, because what is done to them changes what would fit.

use rusqlite::{Connection, Result, Statement};

use super::row;
use super::unsettled::Changes;
use crate::store::{DeadFilter, HandlerId};

/// Handlers stand first: for each of the few one walk over its dead, in their index, oldest event first.
const FITTING: &str = "
    SELECT outcome.event_seq, outcome.handler_id
    FROM handler
    CROSS JOIN outcome ON outcome.handler_id = handler.id AND outcome.dead = 1
    CROSS JOIN event ON event.seq = outcome.event_seq
    CROSS JOIN name AS type ON type.id = event.type_id
    CROSS JOIN name AS source ON source.id = event.source_id
    WHERE (?1 IS NULL OR event.id = ?1)
      AND (?2 IS NULL OR type.text = ?2)
      AND (?3 IS NULL OR handler.name = ?3)
      AND (?4 IS NULL OR instr(outcome.error, ?4) > 0)
      AND (?5 IS NULL OR source.text = ?5)
      AND (?6 IS NULL OR outcome.finished_at_ms < ?6)
      AND (?7 IS NULL OR outcome.error = ?7)
    LIMIT ?8";

/// The attempts go on from their old number, so that the history's numbers stay.
const QUEUE_CHOSEN: &str = "
    INSERT INTO pending
        (event_seq, handler_id, leased, attempts, failures, deferrals, losses, due_at_ms, bytes)
    SELECT outcome.event_seq, outcome.handler_id, 0, outcome.attempts, 0, 0, 0, ?1, octet_length(event.json)
    FROM chosen JOIN outcome USING (event_seq, handler_id) JOIN event ON event.seq = outcome.event_seq
    RETURNING handler_id, bytes";

const FORGET_OUTCOMES: &str = "
    DELETE FROM outcome WHERE (event_seq, handler_id) IN (SELECT event_seq, handler_id FROM chosen)";

const FORGET_ATTEMPTS: &str = "
    DELETE FROM attempt WHERE (event_seq, handler_id) IN (SELECT event_seq, handler_id FROM chosen)";

const FORGET_EXCHANGES: &str = "
    DELETE FROM exchange WHERE (event_seq, handler_id) IN (SELECT event_seq, handler_id FROM chosen)";

const KEEP_NUMBERS: &str = "
    UPDATE event_seq_given SET seq = max(seq, (SELECT ifnull(max(seq), 0) FROM event))";

const FORGET_EVENTS: &str = "
    DELETE FROM event
    WHERE seq IN (SELECT event_seq FROM chosen)
      AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.event_seq = event.seq)
      AND NOT EXISTS (SELECT 1 FROM outcome WHERE outcome.event_seq = event.seq)";

/// Queues dead events again, due at `now_ms`; returns how many.
pub fn retry_dead(tx: &Connection, filter: &DeadFilter, now_ms: i64, changes: &mut Changes) -> Result<u64> {
    choose(tx, filter)?;
    let mut queue = tx.prepare(QUEUE_CHOSEN)?;
    let mut queued = queue.query([now_ms])?;
    while let Some(row) = queued.next()? {
        changes.queued(HandlerId(row.get(0)?), row::count(row, 1)?);
    }
    let retried = tx.execute(FORGET_OUTCOMES, [])?;
    forget_choice(tx)?;
    Ok(retried as u64)
}

/// Forgets dead events; returns how many results.
pub fn drop_dead(tx: &Connection, filter: &DeadFilter) -> Result<u64> {
    choose(tx, filter)?;
    tx.execute(FORGET_ATTEMPTS, [])?;
    tx.execute(FORGET_EXCHANGES, [])?;
    let dropped = tx.execute(FORGET_OUTCOMES, [])?;
    tx.execute(KEEP_NUMBERS, [])?;
    tx.execute(FORGET_EVENTS, [])?;
    forget_choice(tx)?;
    Ok(dropped as u64)
}

/// Counts dead events that fit; changes nothing.
pub fn count_dead(connection: &Connection, filter: &DeadFilter) -> Result<u64> {
    let query = format!("SELECT count(*) FROM ({FITTING})");
    let mut statement = connection.prepare(&query)?;
    bind(&mut statement, filter)?;
    let mut rows = statement.raw_query();
    rows.next()?.map_or(Ok(0), |row| row::count(row, 0))
}

fn choose(tx: &Connection, filter: &DeadFilter) -> Result<()> {
    let mut statement = tx.prepare(&format!("CREATE TEMP TABLE chosen AS {FITTING}"))?;
    bind(&mut statement, filter)?;
    statement.raw_execute().map(drop)
}

fn bind(statement: &mut Statement<'_>, filter: &DeadFilter) -> Result<()> {
    let limit = filter.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
    statement.raw_bind_parameter(1, &filter.event_id)?;
    statement.raw_bind_parameter(2, &filter.type_)?;
    statement.raw_bind_parameter(3, &filter.handler)?;
    statement.raw_bind_parameter(4, &filter.error_contains)?;
    statement.raw_bind_parameter(5, &filter.source)?;
    statement.raw_bind_parameter(6, filter.finished_before.map(|at| at.0))?;
    statement.raw_bind_parameter(7, &filter.error_is)?;
    statement.raw_bind_parameter(8, limit)
}

fn forget_choice(tx: &Connection) -> Result<()> {
    tx.execute("DROP TABLE temp.chosen", []).map(drop)
}
