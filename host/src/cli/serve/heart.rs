//! Whether the handlers at work get on, as the keeper sees it; asked by whoever feeds the watchdog.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The keeper looks every second. One that has not found all well for so long will not find it soon.
const BEAT_TIME_MAX: Duration = Duration::from_secs(10);

/// Beats each time that all is well.
#[derive(Clone)]
pub struct Heart(Arc<Mutex<Instant>>);

impl Heart {
    pub fn beating() -> Self {
        Heart(Arc::new(Mutex::new(Instant::now())))
    }

    pub fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    pub fn is_beating(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed() < BEAT_TIME_MAX
    }
}
