//! Waiting for what another process does: looked at often, and never for ever.

use std::time::{Duration, Instant};

/// Longer than anything of ours takes on a busy machine; a test that waits as long has failed.
pub const BOUND: Duration = Duration::from_secs(40);

/// Waits until `look` finds something.
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    until_within(BOUND, what, look)
}

/// As [`until`], for what takes longer.
pub fn until_within<T>(bound: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < bound, "waited {bound:?} in vain until {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}
