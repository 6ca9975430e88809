//! Back-pressure: when the queue or the disk is too full to accept more. Settling goes on meanwhile,
//! which is what makes room.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;

use super::problem::Problem;
use crate::store::{Enqueue, FreeSpace, Pile};

/// The disk is asked this often at most.
const DISK_LOOK: Duration = Duration::from_secs(1);

/// How full is too full.
#[derive(Debug, Clone, Copy)]
pub struct PressureLimits {
    /// What is accepted or emitted, and not settled, counted at each of its handlers.
    pub unsettled: Pile,
    /// Of the disk that the database is on. More than the store keeps for itself: here a sender is told
    /// early, before the last of the room is at stake.
    pub free_bytes_min: u64,
}

pub struct Pressure {
    limits: PressureLimits,
    store: Arc<dyn Enqueue>,
    space: FreeSpace,
    disk: Mutex<Disk>,
}

struct Disk {
    free_bytes: u64,
    looked_at: Option<Instant>,
}

impl Pressure {
    pub fn new(limits: PressureLimits, store: Arc<dyn Enqueue>, space: FreeSpace) -> Self {
        let disk = Mutex::new(Disk { free_bytes: u64::MAX, looked_at: None });
        Pressure { limits, store, space, disk }
    }

    /// How many events wait to be settled.
    pub fn unsettled(&self) -> u64 {
        self.store.unsettled().all().events
    }

    /// # Errors
    /// When no more events may be accepted now: which limit, and when to come again.
    pub fn check(&self) -> Result<(), Problem> {
        let (Pile { events, bytes }, limits) = (self.store.unsettled().all(), self.limits.unsettled);
        if events >= limits.events {
            return Err(queue_full(&format!("{events} events wait"), limits.events));
        }
        if bytes >= limits.bytes {
            return Err(queue_full(&format!("events of {bytes} bytes wait"), limits.bytes));
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

fn queue_full(what_waits: &str, limit: u64) -> Problem {
    let detail = format!("{what_waits} to be settled, the limit is {limit}; send again later");
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "queue-full", detail).limit(limit).retry_after(1)
}
