//! The ceiling that `bench` measures the whole road against: the statements that settled events
//! cost, in a straight loop on one thread, in two transactions a batch, which is the fewest the real
//! road can do with. Same file settings, same schema, same rows; no queue, no leases to check, no
//! answers to give.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Error, params};

use super::connection::{FileSettings, check_library, failure, open_writer};
use super::names::Names;
use super::statements::Statements;
use crate::clock::{Clock, UnixMillis};
use crate::event::{Figures, NewEvent, Output};
use crate::store::StoreError;

/// One handler and one module: what their numbers are does not change the cost.
const HANDLER: i64 = 1;
const MODULE: i64 = 1;

/// The state of the row that queues an event for a claim which waits for it.
const LEASED: i64 = 1;
const DUE_AT_ONCE: i64 = 0;

/// The version of the library that is linked in.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// An event, and how it ended.
pub struct CeilingRow {
    pub event: NewEvent,
    pub output: Output,
    pub figures: Figures,
}

/// A database of its own, open for writing.
pub struct CeilingFile {
    connection: Connection,
    path: PathBuf,
}

/// The loop over the prepared statements.
pub struct Ceiling<'f> {
    sql: Statements<'f>,
    path: &'f Path,
    names: Names,
    next_seq: i64,
}

/// A row with its numbers, ready to be bound.
struct Numbered<'r> {
    seq: i64,
    source: i64,
    type_: i64,
    row: &'r CeilingRow,
}

impl CeilingFile {
    /// # Errors
    /// When SQLite cannot make or open the file.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        check_library()?;
        Ok(CeilingFile { connection: open_writer(path, &FileSettings::SHIPPED)?, path: path.to_owned() })
    }

    /// # Errors
    /// When a statement does not fit the schema.
    pub fn prepare(&self) -> Result<Ceiling<'_>, StoreError> {
        let sql = Statements::prepare(&self.connection).map_err(|e| failure(&self.path, &e))?;
        Ok(Ceiling { sql, path: &self.path, names: Names::default(), next_seq: 1 })
    }
}

impl Ceiling<'_> {
    /// Takes a batch from new to settled; tells how long SQLite took, both commits included.
    ///
    /// # Errors
    /// When SQLite fails. Events must be new to the file.
    pub fn settle(&mut self, rows: &[CeilingRow]) -> Result<Duration, StoreError> {
        let path = self.path;
        let fails = |e: Error| failure(path, &e);
        let batch = self.number(rows).map_err(fails)?;
        let started = Instant::now();
        self.accept(&batch).and_then(|()| self.record(&batch)).map_err(fails)?;
        Ok(started.elapsed())
    }

    /// The real road keeps sources and types in memory, so their look-up is no part of the time.
    fn number<'r>(&mut self, rows: &'r [CeilingRow]) -> rusqlite::Result<Vec<Numbered<'r>>> {
        let Ceiling { sql, names, next_seq, .. } = self;
        let mut id_of = |text: &str| names.id_of(text, &mut sql.name_find, &mut sql.name_insert);
        let number = |row: &'r CeilingRow| {
            let (source, type_) = (id_of(row.event.source())?, id_of(row.event.type_())?);
            *next_seq += 1;
            Ok(Numbered { seq: *next_seq - 1, source, type_, row })
        };
        rows.iter().map(number).collect()
    }

    /// First transaction: events in, queued and leased as they are written.
    fn accept(&mut self, batch: &[Numbered<'_>]) -> rusqlite::Result<()> {
        let now = now();
        self.sql.begin.raw_execute()?;
        for Numbered { seq, source, type_, row } in batch {
            let (id, hops, json) = (row.event.id(), row.event.hops(), row.event.json());
            let parent: Option<i64> = None;
            self.sql.event_insert.execute(params![seq, source, id, type_, hops, parent, now, json])?;
            self.sql.pending_insert.execute(params![seq, HANDLER, LEASED, DUE_AT_ONCE, json.len() as i64])?;
        }
        self.sql.commit.raw_execute().map(drop)
    }

    /// Second transaction: leases ended, results in.
    fn record(&mut self, batch: &[Numbered<'_>]) -> rusqlite::Result<()> {
        let now = now();
        self.sql.begin.raw_execute()?;
        for Numbered { seq, row: CeilingRow { output, figures, .. }, .. } in batch {
            self.sql.pending_delete.execute(params![seq, HANDLER, 1])?;
            self.sql.outcome_insert.execute(params![
                seq,
                HANDLER,
                MODULE,
                false,
                1,
                figures.fuel as i64,
                figures.peak_memory_bytes as i64,
                figures.duration_us as i64,
                now,
                None::<&str>,
                output_value(output)
            ])?;
        }
        self.sql.commit.raw_execute().map(drop)
    }
}

fn now() -> i64 {
    let UnixMillis(now) = Clock::System.now();
    now
}

fn output_value(output: &Output) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match output {
        Output::None => ValueRef::Null,
        Output::Json(text) => ValueRef::Text(text.as_bytes()),
        Output::Bytes(bytes) => ValueRef::Blob(bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::parse_event;

    #[test]
    fn the_loop_leaves_what_the_real_road_leaves() {
        let dir = tempfile::tempdir().unwrap();
        let file = CeilingFile::open(&dir.path().join("ceiling.db")).unwrap();
        let row = |id: u32| CeilingRow {
            event: parse_event(
                format!(r#"{{"specversion":"1.0","id":"{id}","source":"/s","type":"t"}}"#).as_bytes(),
                1000,
            )
            .unwrap(),
            output: Output::Json("7".into()),
            figures: Figures::default(),
        };
        let mut ceiling = file.prepare().unwrap();
        ceiling.settle(&[row(1), row(2)]).unwrap();
        ceiling.settle(&[row(3)]).unwrap();
        let count = |what: &str| -> u32 {
            file.connection.query_row(&format!("SELECT count(*) FROM {what}"), [], |row| row.get(0)).unwrap()
        };
        assert_eq!((count("event"), count("pending"), count("outcome")), (3, 0, 3));
        assert_eq!(count("outcome WHERE output = '7' AND attempts = 1"), 3);
    }
}
