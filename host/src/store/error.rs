//! How storage fails, by what the caller can do about it.

use std::path::PathBuf;

/// Each text fits after "failed to ...", names the place and hints the cure.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    #[error("{} is in use by another wasm-evq{}; wait for it, or choose another --db", path.display(), owner(*pid))]
    Owned { path: PathBuf, pid: Option<u32> },
    #[error("no database at {}; `wasm-evq run HANDLER EVENTS` makes one, --db names another", path.display())]
    Missing { path: PathBuf },
    #[error("{} is not a wasm-evq database: {reason}; choose another --db", path.display())]
    Foreign { path: PathBuf, reason: String },
    #[error(
        "{} has schema version {found}, this wasm-evq knows up to {known}; use the newer program that wrote it",
        path.display()
    )]
    TooNew { path: PathBuf, found: u32, known: u32 },
    #[error("{} has no room left: {reason}; free disk space and run again, nothing accepted is lost", path.display())]
    Full { path: PathBuf, reason: String },
    #[error(
        "{} has no room left for events: the disk has {free_bytes} bytes free, and {kept_bytes} are kept to settle \
         what was accepted; free disk space and run again, nothing accepted is lost",
        path.display()
    )]
    NoRoomForEvents { path: PathBuf, free_bytes: u64, kept_bytes: u64 },
    #[error(
        "the bundled SQLite is {found}, older than 3.51.3 and able to corrupt a database; rebuild wasm-evq"
    )]
    UnsafeSqlite { found: String },
    #[error("the database {} failed: {reason}", path.display())]
    Failed { path: PathBuf, reason: String },
    #[error("a look into {} took longer than {time_max_ms} ms; ask for less", path.display())]
    TooSlow { path: PathBuf, time_max_ms: u64 },
    #[error("the store has stopped after an earlier failure: {reason}")]
    Stopped { reason: String },
}

impl StoreError {
    /// Of a store whose own thread has ended before it answered.
    pub(crate) fn gone() -> Self {
        StoreError::Stopped { reason: "its writer is gone".into() }
    }
}

fn owner(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}
