//! The stores under test, each with a hand-moved clock and a way to crash.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use tempfile::TempDir;

use crate::clock::Clock;
use crate::store::memory::MemoryStore;
use crate::store::sqlite::{SqliteReader, SqliteStore};
use crate::store::{Enqueue, Inspect, Lease, Maintain};

/// Everything that changes a store.
pub trait Queue: Enqueue + Lease + Maintain + Sync {}

impl<T: Enqueue + Lease + Maintain + Sync> Queue for T {}

pub trait Backend {
    fn queue(&self) -> &dyn Queue;

    fn inspect(&self) -> &dyn Inspect;

    fn clock(&self) -> &Clock;

    /// Ends the owner with its leases held, and opens the store for another.
    fn crash(&mut self);
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

    fn inspect(&self) -> &dyn Inspect {
        &self.store
    }

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn crash(&mut self) {
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

impl SqliteBackend {
    pub fn open() -> Self {
        let (clock, folder) = (manual_clock(), tempfile::tempdir().unwrap());
        let path = folder.path().join("evq.db");
        let store = SqliteStore::open(&path, clock.clone()).unwrap();
        let reader = SqliteReader::open(&path).unwrap();
        SqliteBackend { store: Some(store), reader, clock, folder }
    }
}

impl Backend for SqliteBackend {
    fn queue(&self) -> &dyn Queue {
        self.store.as_ref().expect("there is an owner between crashes")
    }

    fn inspect(&self) -> &dyn Inspect {
        &self.reader
    }

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn crash(&mut self) {
        drop(self.store.take());
        let path = self.folder.path().join("evq.db");
        self.store = Some(SqliteStore::open(&path, self.clock.clone()).unwrap());
    }
}
