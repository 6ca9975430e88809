//! Back-pressure: when the queue or the disk is too full to accept more. Settling goes on meanwhile,
//! which is what makes room.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;

use super::problem::Problem;
use crate::store::FreeSpace;

/// The disk is asked this often at most.
const DISK_LOOK: Duration = Duration::from_secs(1);

/// How full is too full.
#[derive(Debug, Clone, Copy)]
pub struct PressureLimits {
    /// Events accepted or emitted, and not settled.
    pub unsettled_events_max: u64,
    /// Of the disk that the database is on. More than the store keeps for itself: here a sender is told
    /// early, before the last of the room is at stake.
    pub free_bytes_min: u64,
}

pub struct Pressure {
    limits: PressureLimits,
    /// An event can be settled before it is counted in, so for a moment this may be below zero.
    unsettled: AtomicI64,
    space: FreeSpace,
    disk: Mutex<Disk>,
}

struct Disk {
    free_bytes: u64,
    looked_at: Option<Instant>,
}

impl Pressure {
    /// `unsettled` is how many events an earlier process left.
    pub fn new(limits: PressureLimits, unsettled: u64, space: FreeSpace) -> Self {
        let disk = Mutex::new(Disk { free_bytes: u64::MAX, looked_at: None });
        Pressure { limits, unsettled: AtomicI64::new(signed(unsettled)), space, disk }
    }

    pub fn queued(&self, events: u64) {
        self.unsettled.fetch_add(signed(events), Ordering::Relaxed);
    }

    pub fn settled(&self, events: u64) {
        self.unsettled.fetch_sub(signed(events), Ordering::Relaxed);
    }

    pub fn unsettled(&self) -> u64 {
        self.unsettled.load(Ordering::Relaxed).max(0).cast_unsigned()
    }

    /// # Errors
    /// When no more events may be accepted now: which limit, and when to come again.
    pub fn check(&self) -> Result<(), Problem> {
        let (unsettled, unsettled_max) = (self.unsettled(), self.limits.unsettled_events_max);
        if unsettled >= unsettled_max {
            let detail = format!(
                "{unsettled} events wait to be settled, the limit is {unsettled_max}; send again later"
            );
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "queue-full", detail);
            return Err(problem.limit(unsettled_max).retry_after(1));
        }
        let (free, free_min) = (self.free_bytes(), self.limits.free_bytes_min);
        if free < free_min {
            let detail =
                format!("the disk has {free} bytes free, {free_min} are kept free; send again later");
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "disk-full", detail);
            return Err(problem.limit(free_min).retry_after(30));
        }
        Ok(())
    }

    fn free_bytes(&self) -> u64 {
        let mut disk = self.disk.lock().unwrap_or_else(PoisonError::into_inner);
        if disk.looked_at.is_none_or(|at| at.elapsed() > DISK_LOOK) {
            disk.free_bytes = self.space.bytes();
            disk.looked_at = Some(Instant::now());
        }
        disk.free_bytes
    }
}

fn signed(events: u64) -> i64 {
    i64::try_from(events).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn an_event_that_is_settled_before_it_is_counted_in_leaves_nothing_behind() {
        let limits = PressureLimits { unsettled_events_max: 1, free_bytes_min: 0 };
        let pressure = Pressure::new(limits, 0, FreeSpace::beside(Path::new("evq.db")));
        for _ in 0..5 {
            pressure.settled(1);
            assert_eq!(pressure.unsettled(), 0);
            pressure.queued(1);
        }
        assert_eq!(pressure.unsettled(), 0);
        assert!(pressure.check().is_ok());
    }
}
