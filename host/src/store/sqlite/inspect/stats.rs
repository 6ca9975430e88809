//! Counts over the whole database. One pass over each table at most.

use rusqlite::{Connection, OptionalExtension, Result};

use super::row;
use crate::clock::UnixMillis;
use crate::store::{Extent, Stats};

const OLDEST_PENDING: &str = "
    SELECT event.accepted_at_ms
    FROM pending JOIN event ON event.seq = pending.event_seq
    WHERE pending.leased = 0
    ORDER BY pending.event_seq LIMIT 1";

const MODULES: &str = "
    SELECT handler.name, module.sha256, made.ok, made.dead
    FROM (
        SELECT module_id, count(*) - sum(dead) AS ok, sum(dead) AS dead FROM outcome GROUP BY module_id
    ) AS made
    JOIN module ON module.id = made.module_id
    JOIN handler ON handler.id = module.handler_id
    ORDER BY handler.name, module.id";

const DEAD_REASONS: &str = "
    SELECT error, count(*) AS events FROM outcome WHERE dead = 1
    GROUP BY error ORDER BY events DESC, error LIMIT 10";

/// Reads every count.
pub fn stats(connection: &Connection) -> Result<Stats> {
    let number = |query: &str| connection.query_one(query, [], |row| row::count(row, 0));
    let modules = modules(connection)?;
    Ok(Stats {
        events: number("SELECT count(*) FROM event")?,
        rejected: number("SELECT count(*) FROM rejected")?,
        pending: number("SELECT count(*) FROM pending WHERE leased = 0")?,
        leased: number("SELECT count(*) FROM pending WHERE leased = 1")?,
        ok: modules.iter().map(|(_, _, ok, _)| ok).sum(),
        dead: modules.iter().map(|(_, _, _, dead)| dead).sum(),
        unmatched: number("SELECT count(*) FROM unmatched")?,
        paused: paused(connection)?,
        oldest_pending_at: oldest_pending_at(connection)?,
        modules,
        dead_reasons: dead_reasons(connection)?,
        database_bytes: number("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")?,
    })
}

/// What the file holds, without the pages in it that are free.
pub fn extent(connection: &Connection) -> Result<Extent> {
    let bytes = "SELECT (page_count - freelist_count) * page_size
                 FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    Ok(Extent {
        events: connection.query_one("SELECT count(*) FROM event", [], |row| row::count(row, 0))?,
        bytes: connection.query_one(bytes, [], |row| row::count(row, 0))?,
    })
}

/// When the oldest event that waits was accepted.
pub fn oldest_pending_at(connection: &Connection) -> Result<Option<UnixMillis>> {
    connection.query_one(OLDEST_PENDING, [], |row| row::time(row, 0)).optional()
}

fn paused(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM handler WHERE paused = 1 ORDER BY name")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn modules(connection: &Connection) -> Result<Vec<(String, String, u64, u64)>> {
    let mut statement = connection.prepare(MODULES)?;
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, row::hex_of(row, 1)?, row::count(row, 2)?, row::count(row, 3)?))
    })?;
    rows.collect()
}

fn dead_reasons(connection: &Connection) -> Result<Vec<(String, u64)>> {
    let mut statement = connection.prepare(DEAD_REASONS)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row::count(row, 1)?)))?;
    rows.collect()
}
