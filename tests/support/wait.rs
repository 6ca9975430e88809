//! Waiting for what another process does: looked at often, and never for ever.

use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine; a test that waits as long has failed.
pub const BOUND: Duration = Duration::from_secs(60);

/// Waits until `look` finds something.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < BOUND, "waited {BOUND:?} in vain until {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}
