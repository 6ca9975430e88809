//! Forgetting what is over, as SQL for the writer to run inside its transaction.
//!
//! The pages that come free are used again by what is stored next; the file does not shrink.

use rusqlite::{Connection, Result, params};

use crate::clock::UnixMillis;
use crate::store::{Bite, Bitten, EventSeq};

/// In the order of their numbers, so that what was looked at is known by one number.
const LOOK: &str = "
    SELECT seq, accepted_at_ms,
           accepted_at_ms < ?3
           AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.event_seq = event.seq)
           AND NOT EXISTS (
               SELECT 1 FROM outcome
               WHERE outcome.event_seq = event.seq AND (outcome.dead = 1 OR outcome.finished_at_ms >= ?3))
    FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2";

const FORGET: &[&str] = &[
    "DELETE FROM unmatched WHERE event_seq = ?1",
    "DELETE FROM attempt WHERE event_seq = ?1",
    "DELETE FROM exchange WHERE event_seq = ?1",
    "DELETE FROM emitted WHERE event_seq = ?1",
    "DELETE FROM outcome WHERE event_seq = ?1",
    "DELETE FROM event WHERE seq = ?1",
];

const KEEP_NUMBERS: &str = "
    UPDATE event_seq_given SET seq = max(seq, (SELECT ifnull(max(seq), 0) FROM event))";

/// The window stands apart: the oldest rows are at the table's beginning.
const FORGET_REJECTED: &str = "
    DELETE FROM rejected WHERE seq IN (
        SELECT seq FROM (SELECT seq, rejected_at_ms FROM rejected ORDER BY seq LIMIT ?2) WHERE rejected_at_ms < ?1)";

struct Looked {
    seq: i64,
    accepted_at_ms: i64,
    is_over: bool,
}

pub fn forget(tx: &Connection, bite: &Bite) -> Result<Bitten> {
    let looked = look(tx, bite)?;
    let over: Vec<i64> = looked.iter().filter(|event| event.is_over).map(|event| event.seq).collect();
    if !over.is_empty() {
        tx.execute(KEEP_NUMBERS, [])?;
    }
    for statement in FORGET {
        let mut forget = tx.prepare_cached(statement)?;
        over.iter().try_for_each(|seq| forget.execute([seq]).map(drop))?;
    }
    let is_whole = looked.len() == bite.events_max as usize;
    let last = looked.last().filter(|last| is_whole && last.accepted_at_ms < bite.before.0);
    Ok(Bitten { forgotten: over.len() as u64, next: last.map(|last| EventSeq(last.seq)) })
}

fn look(tx: &Connection, bite: &Bite) -> Result<Vec<Looked>> {
    let mut look = tx.prepare_cached(LOOK)?;
    let rows = look.query_map(params![bite.after.0, bite.events_max, bite.before.0], |row| {
        Ok(Looked { seq: row.get(0)?, accepted_at_ms: row.get(1)?, is_over: row.get(2)? })
    })?;
    rows.collect()
}

pub fn forget_rejected(tx: &Connection, before: UnixMillis, rows_max: u32) -> Result<u64> {
    Ok(tx.execute(FORGET_REJECTED, params![before.0, rows_max])? as u64)
}
