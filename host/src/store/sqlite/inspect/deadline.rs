//! A look's time limit: SQLite asks now and then whether to go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// Steps of SQLite's machine between two questions: some tens of microseconds.
const STEPS: i32 = 10_000;

#[derive(Debug)]
pub struct Deadline {
    opened_at: Instant,
    time_max: Duration,
    /// Milliseconds since `opened_at`.
    due_ms: Arc<AtomicU64>,
}

impl Deadline {
    pub fn watch(connection: &mut Connection, time_max: Duration) -> rusqlite::Result<Self> {
        let (opened_at, due_ms) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let due = due_ms.clone();
        let is_over = move || millis(opened_at.elapsed()) > due.load(Ordering::Relaxed);
        connection.progress_handler(STEPS, Some(is_over))?;
        Ok(Deadline { opened_at, time_max, due_ms })
    }

    /// The next look begins now.
    pub fn start(&self) {
        self.due_ms.store(millis(self.opened_at.elapsed() + self.time_max), Ordering::Relaxed);
    }

    pub fn time_max_ms(&self) -> u64 {
        millis(self.time_max)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
