//! The read side on SQLite: a connection of its own that can look and cannot change anything.
//!
//! Works beside the process that owns the database, and after one that crashed. Knows nothing of
//! leases held in the owner's memory: it sees what is committed.

mod browse;
mod deadline;
mod detail;
mod event_page;
mod modules;
mod page;
mod recorded;
mod results;
mod stats;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};

use self::deadline::Deadline;
use super::connection::{FileSettings, failure, open_reader, open_writer};
use super::lock::OwnerLock;
use super::{exchange, migrate, row};
use crate::clock::UnixMillis;
use crate::store::{
    EventDetail, EventSeq, Extent, Inspect, PageFrom, RecordedModule, RecordedPage, ResultFilter, ResultPage,
    ResultRow, Stats, StoreError,
};

/// A database opened for reading.
#[derive(Debug)]
pub struct SqliteReader {
    connection: Connection,
    path: PathBuf,
    deadline: Option<Deadline>,
}

impl SqliteReader {
    /// Opens an existing database, which another process may own and write. One that an earlier version
    /// of this program made is brought up to date first.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Foreign`] and [`StoreError::TooNew`] say what is wrong
    /// with the path; no file is ever created. [`StoreError::Owned`] when an
    /// earlier version of this program is still writing it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut connection = open_reader(path)?;
        if migrate::is_outdated(&connection).map_err(|e| failure(path, &e))? {
            drop(connection);
            bring_up_to_date(path)?;
            connection = open_reader(path)?;
        }
        // Checkpoints are the owner's: a reader that is the last to leave must not start one.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            .map_err(|e| failure(path, &e))?;
        Ok(SqliteReader { connection, path: path.to_owned(), deadline: None })
    }

    /// As [`SqliteReader::open`]; a look that takes longer than `time_max` is broken off, with
    /// [`StoreError::TooSlow`].
    ///
    /// # Errors
    /// As [`SqliteReader::open`].
    pub fn open_bounded(path: &Path, time_max: Duration) -> Result<Self, StoreError> {
        let mut reader = Self::open(path)?;
        let deadline = Deadline::watch(&mut reader.connection, time_max).map_err(|e| failure(path, &e))?;
        Ok(SqliteReader { deadline: Some(deadline), ..reader })
    }

    /// Runs `read` on one snapshot, so that what it finds in several statements belongs together.
    fn on_snapshot<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        if let Some(deadline) = &self.deadline {
            deadline.start();
        }
        let snapshot = self.connection.unchecked_transaction();
        snapshot.and_then(|snapshot| read(&snapshot)).map_err(|e| self.failure(&e))
    }

    /// How SQLite means to run a query.
    #[cfg(test)]
    fn plan(&self, query: &str) -> String {
        let mut statement = self.connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
        let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3));
        steps.collect::<rusqlite::Result<Vec<_>>>().unwrap().join("\n")
    }

    fn failure(&self, error: &rusqlite::Error) -> StoreError {
        match (&self.deadline, error.sqlite_error_code()) {
            (Some(deadline), Some(ErrorCode::OperationInterrupted)) => {
                StoreError::TooSlow { path: self.path.clone(), time_max_ms: deadline.time_max_ms() }
            }
            _ => failure(&self.path, error),
        }
    }
}

/// The queries here are for this program's schema. Only an owner may change the file, so for this once
/// the reader is one.
fn bring_up_to_date(path: &Path) -> Result<(), StoreError> {
    let _lock = OwnerLock::take(path)?;
    open_writer(path, &FileSettings::SHIPPED).map(drop)
}

impl Inspect for SqliteReader {
    fn results(
        &self,
        filter: &ResultFilter,
        each: &mut dyn FnMut(ResultRow) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.on_snapshot(|connection| results::for_each(connection, filter, each))
    }

    fn events(&self, id: &str, source: Option<&str>) -> Result<Vec<EventDetail>, StoreError> {
        self.on_snapshot(|connection| detail::events(connection, id, source))
    }

    fn page_of_results(
        &self,
        filter: &ResultFilter,
        from: PageFrom,
        rows_max: u32,
    ) -> Result<ResultPage, StoreError> {
        self.on_snapshot(|connection| page::page(connection, filter, from, rows_max))
    }

    fn oldest_pending_at(&self) -> Result<Option<UnixMillis>, StoreError> {
        self.on_snapshot(stats::oldest_pending_at)
    }

    fn result_of(&self, source: &str, id: &str, handler: &str) -> Result<Option<ResultRow>, StoreError> {
        self.on_snapshot(|connection| results::one(connection, source, id, handler))
    }

    fn stats(&self) -> Result<Stats, StoreError> {
        self.on_snapshot(stats::stats)
    }

    fn extent(&self) -> Result<Extent, StoreError> {
        self.on_snapshot(stats::extent)
    }

    fn modules(&self) -> Result<Vec<RecordedModule>, StoreError> {
        self.on_snapshot(modules::all)
    }

    fn newest_event(&self) -> Result<Option<EventSeq>, StoreError> {
        self.on_snapshot(recorded::newest)
    }

    fn recorded(&self, events: &[EventSeq], bytes_max: u64) -> Result<RecordedPage, StoreError> {
        self.on_snapshot(|connection| recorded::page(connection, events, bytes_max))
    }

    fn module_bytes(&self, sha256: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        self.on_snapshot(|connection| modules::bytes(connection, sha256))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::Clock;
    use crate::store::sqlite::SqliteStore;

    #[test]
    fn a_path_without_a_database_is_named_and_stays_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none.db");
        assert!(matches!(SqliteReader::open(&path), Err(StoreError::Missing { .. })));
        assert!(!path.exists());
    }

    #[test]
    fn another_programs_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (text, empty) = (folder.path().join("text"), folder.path().join("empty"));
        std::fs::write(&text, "no database at all, but long enough to be taken for one".repeat(20)).unwrap();
        std::fs::write(&empty, "").unwrap();
        for path in [text, empty] {
            assert!(matches!(SqliteReader::open(&path), Err(StoreError::Foreign { .. })), "{path:?}");
        }
    }

    #[test]
    fn a_newer_programs_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("evq.db");
        drop(SqliteStore::open(&path, Arc::new(Clock::System)).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(SqliteReader::open(&path), Err(StoreError::TooNew { found: 99, .. })));
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("evq.db");
        let _owner = SqliteStore::open(&path, Arc::new(Clock::System)).unwrap();
        let reader = SqliteReader::open(&path).unwrap();
        let error = reader.connection.execute("INSERT INTO name (text) VALUES ('x')", []).unwrap_err();
        assert!(error.to_string().contains("readonly"), "{error}");
    }

    #[test]
    fn a_look_that_takes_too_long_is_broken_off_and_the_next_is_served() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("evq.db");
        let _owner = SqliteStore::open(&path, Arc::new(Clock::System)).unwrap();
        let reader = SqliteReader::open_bounded(&path, Duration::from_millis(50)).unwrap();
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
        let look = |query| reader.on_snapshot(|c| c.query_row(query, [], |row| row.get::<_, i64>(0)));
        assert!(matches!(look(endless), Err(StoreError::TooSlow { time_max_ms: 50, .. })));
        assert_eq!(look("SELECT 7").unwrap(), 7);
    }

    #[test]
    fn an_event_is_found_without_a_walk_over_all_events() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("evq.db");
        let _owner = SqliteStore::open(&path, Arc::new(Clock::System)).unwrap();
        let reader = SqliteReader::open(&path).unwrap();
        let plan = detail::plan(&reader.connection).unwrap();
        assert!(plan.contains("SEARCH event USING INDEX event_identity (source_id=? AND id=?)"), "{plan}");
    }
}
