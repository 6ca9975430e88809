//! Every statement of the hot road, prepared once.

use rusqlite::{Connection, Statement};

use super::exchange;

pub struct Statements<'c> {
    pub begin: Statement<'c>,
    pub commit: Statement<'c>,
    pub savepoint: Statement<'c>,
    pub release: Statement<'c>,
    pub undo: Statement<'c>,
    pub name_find: Statement<'c>,
    pub name_insert: Statement<'c>,
    pub event_insert: Statement<'c>,
    pub event_find: Statement<'c>,
    pub delivery_exists: Statement<'c>,
    pub unmatched_insert: Statement<'c>,
    pub unmatched_delete: Statement<'c>,
    pub pending_insert: Statement<'c>,
    pub pending_load: Statement<'c>,
    pub pending_due: Statement<'c>,
    pub pending_next_due: Statement<'c>,
    pub pending_suspect: Statement<'c>,
    pub pending_one: Statement<'c>,
    pub pending_lease: Statement<'c>,
    pub pending_release: Statement<'c>,
    pub pending_delete: Statement<'c>,
    pub pending_retry: Statement<'c>,
    pub outcome_insert: Statement<'c>,
    pub attempt_insert: Statement<'c>,
    pub emitted_insert: Statement<'c>,
    pub exchange_insert: Statement<'c>,
    pub rejected_insert: Statement<'c>,
}

/// The columns that make a `ReadyEvent`.
macro_rules! ready_from {
    ($rest:literal) => {
        concat!(
            "SELECT p.event_seq, p.attempts, p.failures, p.deferrals, p.losses, e.accepted_at_ms, e.hops, e.json ",
            "FROM pending p JOIN event e ON e.seq = p.event_seq ",
            $rest
        )
    };
}

impl<'c> Statements<'c> {
    pub fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        let sql = |text| connection.prepare(text);
        Ok(Statements {
            begin: sql("BEGIN IMMEDIATE")?,
            commit: sql("COMMIT")?,
            savepoint: sql("SAVEPOINT command")?,
            release: sql("RELEASE command")?,
            undo: sql("ROLLBACK TO command")?,
            name_find: sql("SELECT id FROM name WHERE text = ?1")?,
            name_insert: sql("INSERT INTO name (text) VALUES (?1)")?,
            event_insert: sql("INSERT INTO event (seq, source_id, id, type_id, hops, parent_seq, \
                 accepted_at_ms, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING")?,
            event_find: sql("SELECT seq, octet_length(json) FROM event WHERE source_id = ?1 AND id = ?2")?,
            delivery_exists: sql(
                "SELECT EXISTS (SELECT 1 FROM pending WHERE event_seq = ?1 AND handler_id = ?2) \
                 OR EXISTS (SELECT 1 FROM outcome WHERE event_seq = ?1 AND handler_id = ?2)",
            )?,
            unmatched_insert: sql("INSERT INTO unmatched (event_seq) VALUES (?1)")?,
            unmatched_delete: sql("DELETE FROM unmatched WHERE event_seq = ?1")?,
            pending_insert: sql(
                "INSERT INTO pending (event_seq, handler_id, leased, attempts, failures, deferrals, \
                 losses, due_at_ms, bytes) VALUES (?1, ?2, ?3, ?3, 0, 0, 0, ?4, ?5)",
            )?,
            pending_load: sql(ready_from!(
                "WHERE p.event_seq > ?2 AND p.handler_id = ?1 AND p.leased = 0 \
                 AND p.due_at_ms = 0 ORDER BY p.event_seq LIMIT ?3"
            ))?,
            pending_due: sql(ready_from!(
                "WHERE p.handler_id = ?1 AND p.due_at_ms > 0 AND p.due_at_ms <= ?2 \
                 AND p.leased = 0 ORDER BY p.due_at_ms LIMIT ?3"
            ))?,
            pending_next_due: sql(
                "SELECT min(due_at_ms) FROM pending WHERE handler_id = ?1 AND due_at_ms > 0",
            )?,
            pending_suspect: sql(ready_from!(
                "WHERE p.handler_id = ?1 AND p.losses > 1 AND p.leased = 0 \
                 AND p.due_at_ms <= ?2 ORDER BY p.event_seq LIMIT 1"
            ))?,
            pending_one: sql(ready_from!("WHERE p.event_seq = ?1 AND p.handler_id = ?2"))?,
            pending_lease: sql("UPDATE pending SET leased = 1, attempts = attempts + 1, due_at_ms = 0 \
                 WHERE event_seq = ?1 AND handler_id = ?2 AND leased = 0")?,
            pending_release: sql("UPDATE pending SET leased = 0, attempts = attempts - 1, due_at_ms = ?4 \
                 WHERE event_seq = ?1 AND handler_id = ?2 AND leased = 1 AND attempts = ?3")?,
            pending_delete: sql("DELETE FROM pending WHERE event_seq = ?1 AND handler_id = ?2 \
                 AND leased = 1 AND attempts = ?3")?,
            pending_retry: sql(
                "UPDATE pending SET leased = 0, due_at_ms = ?4, failures = ?5, deferrals = ?6, losses = ?7 \
                 WHERE event_seq = ?1 AND handler_id = ?2 AND leased = 1 AND attempts = ?3",
            )?,
            outcome_insert: sql(
                "INSERT INTO outcome (event_seq, handler_id, module_id, dead, attempts, fuel, \
                 peak_memory_bytes, duration_us, finished_at_ms, error, output) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?,
            attempt_insert: sql(
                "INSERT INTO attempt (event_seq, handler_id, number, module_id, verdict, message, \
                 backtrace, logs, fuel, peak_memory_bytes, duration_us, finished_at_ms) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?,
            emitted_insert: sql("INSERT INTO emitted (event_seq, handler_id, events, sha256, first_seq) \
                 VALUES (?1, ?2, ?3, ?4, ?5)")?,
            exchange_insert: sql(exchange::INSERT)?,
            rejected_insert: sql("INSERT INTO rejected (file, line, reason, bytes, rejected_at_ms) \
                 VALUES (?1, ?2, ?3, ?4, ?5)")?,
        })
    }
}
