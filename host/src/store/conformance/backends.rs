//! The stores under test, each with a hand-moved clock and two ways to end its owner.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tempfile::TempDir;

use crate::clock::Clock;
use crate::store::memory::MemoryStore;
use crate::store::sqlite::{SqliteReader, SqliteStore};
use crate::store::{Browse, Enqueue, Lease, Maintain, Retain};

/// Everything that changes a store.
pub trait Queue: Enqueue + Lease + Maintain + Retain {}

impl<T: Enqueue + Lease + Maintain + Retain> Queue for T {}

pub trait Backend {
    fn queue(&self) -> &dyn Queue;

    fn inspect(&self) -> &dyn Browse;

    fn clock(&self) -> &Clock;

    /// The owner dies with its leases held; another opens what it left.
    fn crash(&mut self);

    /// The owner ends in order, and another opens the store.
    fn reopen(&mut self);

    /// Sets the clock, also to an earlier time.
    fn move_clock(&self, by_ms: i64) {
        if let Clock::Manual(now) = self.clock() {
            now.fetch_add(by_ms, Ordering::SeqCst);
        }
    }
}

fn manual_clock() -> Arc<Clock> {
    Arc::new(Clock::Manual(AtomicI64::new(1_700_000_000_000)))
}

pub struct MemoryBackend {
    store: MemoryStore,
    clock: Arc<Clock>,
}

impl MemoryBackend {
    pub fn open() -> Self {
        let clock = manual_clock();
        MemoryBackend { store: MemoryStore::new(clock.clone()), clock }
    }
}

impl Backend for MemoryBackend {
    fn queue(&self) -> &dyn Queue {
        &self.store
    }

    fn inspect(&self) -> &dyn Browse {
        &self.store
    }

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn crash(&mut self) {
        self.store.crash();
    }

    /// What the owner still held is an orphan however the owner ended.
    fn reopen(&mut self) {
        self.store.crash();
    }
}

pub struct SqliteBackend {
    /// `None` only while the owner is being replaced: the lock must be free by then.
    store: Option<SqliteStore>,
    /// Open all the time, as a person's `results` beside a `run` would be.
    reader: SqliteReader,
    clock: Arc<Clock>,
    folder: TempDir,
}

/// In memory where there is such a place: what a power cut leaves of a disk is not asked here.
fn fast_folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn database_in(folder: &TempDir) -> PathBuf {
    folder.path().join("evq.db")
}

impl SqliteBackend {
    pub fn open() -> Self {
        let (clock, folder) = (manual_clock(), fast_folder());
        let store = SqliteStore::open(&database_in(&folder), clock.clone()).unwrap();
        let reader = SqliteReader::open(&database_in(&folder)).unwrap();
        SqliteBackend { store: Some(store), reader, clock, folder }
    }
}

impl Backend for SqliteBackend {
    fn queue(&self) -> &dyn Queue {
        self.store.as_ref().expect("there is an owner between two others")
    }

    fn inspect(&self) -> &dyn Browse {
        &self.reader
    }

    fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Goes on with a copy of the files as they lie there while the owner lives: nothing is closed,
    /// nothing is written back, and the log must be read again, as after `kill -9`.
    fn crash(&mut self) {
        let folder = fast_folder();
        for suffix in ["", "-wal"] {
            copy_if_there(&database_in(&self.folder), &database_in(&folder), suffix);
        }
        let store = SqliteStore::open(&database_in(&folder), self.clock.clone()).unwrap();
        self.reader = SqliteReader::open(&database_in(&folder)).unwrap();
        self.store = Some(store);
        self.folder = folder;
    }

    fn reopen(&mut self) {
        drop(self.store.take());
        self.store = Some(SqliteStore::open(&database_in(&self.folder), self.clock.clone()).unwrap());
    }
}

/// This drops the process's locks on the original, which nobody writes to any more.
fn copy_if_there(from: &Path, to: &Path, suffix: &str) {
    let beside = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
    if beside(from).exists() {
        fs::copy(beside(from), beside(to)).unwrap();
    }
}
