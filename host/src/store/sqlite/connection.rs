//! Opening the file with the settings that make "accepted" mean "on the disk".

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::migrate;
use crate::limits::MIB;
use crate::store::StoreError;

/// 3.51.3 repaired a bug of 3.7.0 to 3.51.2 that could corrupt a database in WAL mode.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// The write-ahead log is copied into the database when it has this many pages (4 MiB). A longer log
/// made nothing faster and the pauses longer: 48 ms at the 99th percentile under half load with
/// 16,384 pages, 9 ms with these. A short one is also soon written over in place, and an fsync that
/// need not record a larger file takes half the time.
const CHECKPOINT_PAGES: u32 = 1000;

/// More made `run` no faster, and its pages are the larger part of what a busy host holds.
const CACHE_KIB: i32 = 8 * 1024;

/// Enough to settle some ten thousand events: the log at its full length, and as much again in the database.
const KEPT_FREE_BYTES: u64 = 16 * MIB;

/// How long a connection waits for another's lock. Only a foreign program can hold the writer up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How the file is written. What is shipped is [`FileSettings::SHIPPED`]; the tests of power cuts and
/// disk faults make others, to show what each of them is for.
pub struct FileSettings {
    /// SQLite's own way to the disk, unless another one is registered under this name.
    pub vfs: Option<String>,
    pub synchronous: &'static str,
    pub checkpoint_pages: u32,
    /// Of the disk, room that new events may not take.
    pub kept_free_bytes: u64,
}

impl FileSettings {
    pub const SHIPPED: FileSettings = FileSettings {
        vfs: None,
        synchronous: "FULL",
        checkpoint_pages: CHECKPOINT_PAGES,
        kept_free_bytes: KEPT_FREE_BYTES,
    };
}

/// Refuses to run on a SQLite that can lose data.
pub fn check_library() -> Result<(), StoreError> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(StoreError::UnsafeSqlite { found: rusqlite::version().into() });
    }
    Ok(())
}

/// Opens the connection that writes; makes the file and brings its schema up to date.
pub fn open_writer(path: &Path, settings: &FileSettings) -> Result<Connection, StoreError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = match &settings.vfs {
        None => Connection::open_with_flags(path, flags),
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs.as_str()),
    };
    let mut connection = opened.map_err(|e| failure(path, &e))?;
    // Before the settings, which change the file.
    migrate::check_is_ours_or_new(&connection, path)?;
    configure(&connection, settings).map_err(|e| failure(path, &e))?;
    migrate::migrate(&mut connection, path)?;
    Ok(connection)
}

fn configure(connection: &Connection, settings: &FileSettings) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Takes effect only before the first table is made.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", settings.synchronous)?;
    // After a commit, and in silence when it fails: nothing was acknowledged on the strength of it, and the
    // log keeps all until a later one has written and synced every page.
    connection.pragma_update(None, "wal_autocheckpoint", settings.checkpoint_pages)?;
    connection.pragma_update(None, "journal_size_limit", i64::from(settings.checkpoint_pages) * 4096)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // The references document the schema and are checked in the tests. Checked at each insert they
    // would cost four look-ups for rows this program has just found or made itself.
    connection.pragma_update(None, "foreign_keys", false)
}

/// Opens a connection that only reads, beside whoever owns the file.
pub fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    check_library()?;
    if !path.exists() {
        return Err(StoreError::Missing { path: path.to_owned() });
    }
    // Reading in WAL mode writes to the shared index beside the file, hence READ_WRITE.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| failure(path, &e))?;
    connection
        .busy_timeout(BUSY_TIMEOUT)
        .and_then(|()| connection.pragma_update(None, "query_only", true))
        .map_err(|e| failure(path, &e))?;
    migrate::check_schema(&connection, path)?;
    Ok(connection)
}

/// What an error of SQLite means for the caller.
pub fn failure(path: &Path, error: &rusqlite::Error) -> StoreError {
    let (path, reason) = (path.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full { path, reason },
        Some(ErrorCode::NotADatabase) => StoreError::Foreign { path, reason },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Failed {
            reason: format!("{reason}; restore a backup, or save what `sqlite3 FILE .recover` can read"),
            path,
        },
        _ => StoreError::Failed { path, reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No test that kills the process can tell FULL from NORMAL; only a power cut can.
    #[test]
    fn accepted_means_on_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open_writer(&folder.path().join("evq.db"), &FileSettings::SHIPPED).unwrap();
        let pragma = |name: &str| -> String {
            connection
                .query_row(&format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"), [], |row| row.get(0))
                .unwrap()
        };
        assert_eq!(pragma("synchronous"), "2", "FULL");
        assert_eq!(pragma("journal_mode"), "wal");
        assert_eq!(pragma("auto_vacuum"), "2", "incremental");
    }
}
