//! The attempt's own time. It begins at the moment the event was accepted, stands still while code runs,
//! and moves on when the guest sleeps, at once: so the same event sees the same times in every attempt, and no
//! host thread waits for a guest.

use std::time::Duration;

use crate::event::{LimitExceeded, LimitName};
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::trap::Ended;

/// How far the clock has moved since the attempt began.
#[derive(Debug, Default, Clone, Copy)]
pub struct AttemptClock {
    slept: Duration,
}

/// The clock moves in steps of a nanosecond.
pub const RESOLUTION_NS: u64 = 1;

/// What the monotonic clock shows when an attempt begins: some programs take zero for a clock that is broken.
const BEGIN: Duration = Duration::from_secs(1);

impl AttemptState {
    /// The clock that only goes forward.
    pub fn monotonic_ns(&self) -> u64 {
        u64::try_from((BEGIN + self.clock.slept).as_nanos()).unwrap_or(u64::MAX)
    }

    /// Since 1970.
    pub fn wall_clock(&self) -> Duration {
        Duration::from_millis(self.accepted_at.0.max(0).cast_unsigned()).saturating_add(self.clock.slept)
    }

    /// Moves the clock on to `monotonic_ns`, if that is still to come. An attempt may sleep no longer than it
    /// may run.
    pub fn sleep_until(&mut self, monotonic_ns: u64) -> Result<(), Ended> {
        let until = Duration::from_nanos(monotonic_ns).saturating_sub(BEGIN).max(self.clock.slept);
        if until > self.limits.wall_clock_max {
            let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            let (used, max) = (millis(until), millis(self.limits.wall_clock_max));
            return Err(Ended::limit(LimitExceeded { name: LimitName::WallClock, used, max }));
        }
        self.clock.slept = until;
        Ok(())
    }
}
