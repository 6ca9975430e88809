//! Time as the host tells it: wall-clock milliseconds, from the machine or from a hand.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// A time of the operating system's, without what is finer than a millisecond.
    pub fn of(time: SystemTime) -> Self {
        let millis = |distance: Duration| i64::try_from(distance.as_millis()).unwrap_or(i64::MAX);
        UnixMillis(time.duration_since(UNIX_EPOCH).map_or_else(|e| -millis(e.duration()), millis))
    }

    pub fn after(self, delay: Duration) -> Self {
        let delay_ms = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
        UnixMillis(self.0.saturating_add(delay_ms))
    }

    /// `age` earlier.
    pub fn before(self, age: Duration) -> Self {
        let age_ms = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        UnixMillis(self.0.saturating_sub(age_ms))
    }

    /// The time from `earlier` to here; zero when the wall clock went backwards.
    pub fn since(self, earlier: UnixMillis) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl std::fmt::Display for UnixMillis {
    /// RFC 3339, in UTC, with milliseconds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time:.3}"),
            Err(_) => write!(f, "{} ms since 1970", self.0),
        }
    }
}

/// Where the time comes from.
#[derive(Debug)]
pub enum Clock {
    System,
    /// Stands still until moved: for the rules' tests and simulations.
    Manual(AtomicI64),
}

impl Clock {
    pub fn now(&self) -> UnixMillis {
        UnixMillis::of(self.time())
    }

    /// As [`Clock::now`], as finely as the machine tells it.
    pub fn time(&self) -> SystemTime {
        match self {
            Clock::System => SystemTime::now(),
            Clock::Manual(now) => {
                UNIX_EPOCH + Duration::from_millis(u64::try_from(now.load(Ordering::SeqCst)).unwrap_or(0))
            }
        }
    }

    /// Moves a manual clock; the system's clock is nobody's to move.
    pub fn advance(&self, by: Duration) {
        if let Clock::Manual(now) = self {
            let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            now.fetch_add(by_ms, Ordering::SeqCst);
        }
    }
}
