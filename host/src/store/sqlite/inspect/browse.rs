//! The dead by reason, and the trait that those who look around use.

use rusqlite::{Connection, Result};

use super::{SqliteReader, event_page};
use crate::store::sqlite::{maintain, row};
use crate::store::{
    Browse, DeadFilter, DeadReason, DeadReasons, EventFilter, EventPage, EventSeq, HandlerId, KnownHandler,
    StoreError,
};

/// Of each handler so many are looked at, the latest.
const LOOKED_AT_MAX: u64 = 20_000;

const REASONS_MAX: usize = 100;

/// The index of the dead gives the latest; each is then one look by key.
const REASONS: &str = "
    SELECT latest.error, count(*), max(latest.finished_at_ms)
    FROM (
        SELECT error, finished_at_ms FROM outcome
        WHERE handler_id = ?1 AND dead = 1 ORDER BY event_seq DESC LIMIT ?2
    ) AS latest
    GROUP BY latest.error";

impl Browse for SqliteReader {
    fn page_of_events(
        &self,
        filter: &EventFilter,
        before: Option<EventSeq>,
        rows_max: u32,
    ) -> std::result::Result<EventPage, StoreError> {
        self.on_snapshot(|connection| event_page::page(connection, filter, before, rows_max))
    }

    fn dead_reasons(&self) -> std::result::Result<DeadReasons, StoreError> {
        self.on_snapshot(reasons)
    }

    fn handlers(&self) -> std::result::Result<Vec<KnownHandler>, StoreError> {
        self.on_snapshot(handlers)
    }

    fn count_dead(&self, filter: &DeadFilter) -> std::result::Result<u64, StoreError> {
        self.on_snapshot(|connection| maintain::count_dead(connection, filter))
    }
}

fn handlers(connection: &Connection) -> Result<Vec<KnownHandler>> {
    let mut look = connection.prepare_cached("SELECT id, name FROM handler ORDER BY id")?;
    let rows =
        look.query_map([], |row| Ok(KnownHandler { id: HandlerId(row.get(0)?), name: row.get(1)? }))?;
    rows.collect()
}

fn reasons(connection: &Connection) -> Result<DeadReasons> {
    let mut handlers = connection.prepare("SELECT id, name FROM handler ORDER BY id")?;
    let handlers = handlers.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut found = DeadReasons { reasons: Vec::new(), is_complete: true };
    for handler in handlers {
        let (id, name): (i64, String) = handler?;
        let of_handler = reasons_of(connection, id, &name)?;
        let looked_at: u64 = of_handler.iter().map(|reason| reason.events).sum();
        found.is_complete &= looked_at < LOOKED_AT_MAX;
        found.reasons.extend(of_handler);
    }
    found.reasons.sort_by(|a, b| (b.events, &a.handler, &a.error).cmp(&(a.events, &b.handler, &b.error)));
    found.reasons.truncate(REASONS_MAX);
    Ok(found)
}

fn reasons_of(connection: &Connection, id: i64, name: &str) -> Result<Vec<DeadReason>> {
    let mut statement = connection.prepare_cached(REASONS)?;
    let rows = statement.query_map([id, LOOKED_AT_MAX.cast_signed()], |row| {
        Ok(DeadReason {
            handler: name.to_owned(),
            error: row.get(0)?,
            events: row::count(row, 1)?,
            latest_at: row::time(row, 2)?,
        })
    })?;
    rows.collect()
}
