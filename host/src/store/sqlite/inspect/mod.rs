//! The read side on SQLite: a connection of its own that can look and cannot change anything.
//!
//! Works beside the process that owns the database, and after one that crashed. Knows nothing of
//! leases held in the owner's memory: it sees what is committed.

mod detail;
mod modules;
mod recorded;
mod results;
mod stats;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::connection::{failure, open_reader, open_writer};
use super::lock::OwnerLock;
use super::{migrate, row};
use crate::store::{
    EventDetail, EventSeq, Inspect, RecordedModule, RecordedPage, ResultFilter, ResultRow, Stats, StoreError,
};

/// A database opened for reading.
#[derive(Debug)]
pub struct SqliteReader {
    connection: Connection,
    path: PathBuf,
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
        Ok(SqliteReader { connection, path: path.to_owned() })
    }

    /// Runs `read` on one snapshot, so that what it finds in several statements belongs together.
    fn on_snapshot<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let snapshot = self.connection.unchecked_transaction();
        snapshot.and_then(|snapshot| read(&snapshot)).map_err(|e| failure(&self.path, &e))
    }
}

/// The queries here are for this program's schema. Only an owner may change the file, so for this once
/// the reader is one.
fn bring_up_to_date(path: &Path) -> Result<(), StoreError> {
    let _lock = OwnerLock::take(path)?;
    open_writer(path).map(drop)
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

    fn stats(&self) -> Result<Stats, StoreError> {
        self.on_snapshot(stats::stats)
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
    fn an_event_is_found_without_a_walk_over_all_events() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("evq.db");
        let _owner = SqliteStore::open(&path, Arc::new(Clock::System)).unwrap();
        let reader = SqliteReader::open(&path).unwrap();
        let plan = detail::plan(&reader.connection).unwrap();
        assert!(plan.contains("SEARCH event USING INDEX event_identity (source_id=? AND id=?)"), "{plan}");
    }
}
