//! The plainest store that is right: ordered maps behind one lock, nothing on disk.
//!
//! It is the oracle of the conformance suite, so it is written to be read, not to be fast. Knows no
//! file and no crash but the one a test asks for.

mod browse;
mod enqueue;
mod inspect;
mod lease;
mod maintain;
mod recorded;
mod retain;
mod tables;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;

use tables::{Hold, Tables};

/// A store in memory.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Arc<Clock>,
    tables: Mutex<Tables>,
    /// Rung whenever a waiting claim may find something, or is to stop waiting.
    bell: Condvar,
}

impl MemoryStore {
    pub fn new(clock: Arc<Clock>) -> Self {
        MemoryStore { clock, tables: Mutex::default(), bell: Condvar::new() }
    }

    /// Makes orphans of all leases held now, as if their owner had died.
    pub fn crash(&self) {
        for pending in self.tables().pending.values_mut() {
            if pending.hold != Hold::Waiting {
                pending.hold = Hold::Orphaned;
            }
        }
    }

    /// Each change is complete before anything can panic, so a poisoned lock guards sound tables.
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
