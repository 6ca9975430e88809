//! What the host counts while it works, for summaries and progress.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of one process. Every thread adds, the command line reads.
#[derive(Debug, Default)]
pub struct Tally {
    pub read: Count,
    pub read_bytes: Count,
    pub enqueued: Count,
    pub duplicates: Count,
    pub rejected: Count,
    pub unmatched: Count,
    pub ok: Count,
    pub dead: Count,
    pub attempts: Count,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
