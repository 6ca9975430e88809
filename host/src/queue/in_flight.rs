//! The bound on what is claimed and not yet settled: in events, and in bytes on both sides of the
//! handler.

use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::limits::MIB;
use crate::store::Room;

/// Bounds on all queues of the process together.
///
/// Claimed and unsettled events: some commits' worth, so that workers and writer need not wait for
/// each other. After a crash these are the events that are counted as lost.
const EVENTS_MAX: usize = 8192;

/// Their JSON together.
const EVENT_BYTES_MAX: u64 = 32 * MIB;

/// Outputs, emitted events and logs that wait to be settled.
const RESULT_BYTES_MAX: u64 = 64 * MIB;

/// A waiting thread looks up this often, in case it missed its signal.
const LOOK_UP: Duration = Duration::from_millis(500);

pub struct InFlight {
    /// This queue's part.
    bounds: Bounds,
    now: Mutex<Load>,
    changed: Condvar,
}

#[derive(Clone, Copy)]
struct Bounds {
    events_max: usize,
    event_bytes_max: u64,
    result_bytes_max: u64,
}

#[derive(Clone, Copy)]
struct Load {
    events: usize,
    event_bytes: u64,
    result_bytes: u64,
    /// A thread is gone that would have counted something out: nobody waits any more.
    is_abandoned: bool,
    /// When the queue last did a step of its work, be it to look for more.
    moved_at: Instant,
}

impl Default for Load {
    fn default() -> Self {
        let moved_at = Instant::now();
        Load { events: 0, event_bytes: 0, result_bytes: 0, is_abandoned: false, moved_at }
    }
}

/// What one attempt holds of the bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    pub event_bytes: u64,
    pub result_bytes: u64,
}

impl InFlight {
    /// For one of so many queues that share the bounds.
    pub fn one_of(queues: NonZeroUsize) -> Self {
        let bounds = Bounds {
            events_max: EVENTS_MAX / queues,
            event_bytes_max: EVENT_BYTES_MAX / queues.get() as u64,
            result_bytes_max: RESULT_BYTES_MAX / queues.get() as u64,
        };
        InFlight { bounds, now: Mutex::default(), changed: Condvar::new() }
    }

    /// Waits a moment for room; `None` when there is still none.
    pub fn room(&self) -> Option<Room> {
        let mut load = self.lock();
        // While something is in flight, only its settlement shows that the queue gets on.
        if load.events == 0 {
            load.moved_at = Instant::now();
        }
        if self.bounds.room(&load).is_none() {
            load = self.wait(load);
        }
        self.bounds.room(&load)
    }

    /// How long nothing was settled, or nothing looked for where nothing was to be settled.
    pub fn stands_still_for(&self) -> Duration {
        self.lock().moved_at.elapsed()
    }

    pub fn is_empty(&self) -> bool {
        self.lock().events == 0
    }

    /// Waits until all that was claimed is settled or given back.
    pub fn wait_until_empty(&self) {
        let mut load = self.lock();
        while load.events > 0 && !load.is_abandoned {
            load = self.wait(load);
        }
    }

    pub fn claimed(&self, events: usize, event_bytes: u64) {
        let mut load = self.lock();
        if load.events == 0 {
            load.moved_at = Instant::now();
        }
        load.events += events;
        load.event_bytes += event_bytes;
    }

    /// Counts a result in, once earlier ones have made room for it. The settler needs nothing from
    /// the thread that waits here, so the wait ends.
    pub fn finished(&self, result_bytes: u64) {
        let mut load = self.lock();
        while load.result_bytes > self.bounds.result_bytes_max && !load.is_abandoned {
            load = self.wait(load);
        }
        load.result_bytes += result_bytes;
    }

    /// Counts settled attempts out; says whether nothing is left.
    pub fn settled(&self, held: impl Iterator<Item = Held>) -> bool {
        let mut load = self.lock();
        load.moved_at = Instant::now();
        for Held { event_bytes, result_bytes } in held {
            load.events -= 1;
            load.event_bytes -= event_bytes;
            load.result_bytes -= result_bytes;
        }
        self.changed.notify_all();
        load.events == 0
    }

    /// Ends every wait, now and later.
    pub fn abandon(&self) {
        self.lock().is_abandoned = true;
        self.changed.notify_all();
    }

    pub fn wake(&self) {
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Load> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, load: MutexGuard<'a, Load>) -> MutexGuard<'a, Load> {
        self.changed.wait_timeout(load, LOOK_UP).unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Bounds {
    fn room(&self, load: &Load) -> Option<Room> {
        let events_max = self.events_max.saturating_sub(load.events);
        let bytes_max = self.event_bytes_max.saturating_sub(load.event_bytes);
        (events_max > 0 && bytes_max > 0).then_some(Room { events_max, bytes_max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As if nothing had happened for an hour.
    fn stood_still(in_flight: &InFlight) -> bool {
        let hour = Duration::from_secs(3600);
        in_flight.lock().moved_at = Instant::now().checked_sub(hour).unwrap();
        in_flight.stands_still_for() >= hour
    }

    #[test]
    fn looking_for_more_shows_life_only_while_nothing_is_in_flight() {
        let in_flight = InFlight::one_of(NonZeroUsize::MIN);
        let gets_on = || in_flight.stands_still_for() < Duration::from_secs(60);
        assert!(stood_still(&in_flight));
        in_flight.room();
        assert!(gets_on(), "an idle queue looks for events");
        assert!(stood_still(&in_flight));
        in_flight.claimed(2, 0);
        assert!(gets_on());
        assert!(stood_still(&in_flight));
        in_flight.room();
        assert!(!gets_on(), "events are claimed and none is settled");
        in_flight.settled([Held::default()].into_iter());
        assert!(gets_on());
    }
}
