//! The pruner: forgets what is over and beyond what is to be kept, in small bites beside the work.
//!
//! The busier the store's writer, the later it answers a bite, and the longer the next one waits: of
//! the writer's time the pruner takes a quarter at most.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use crate::clock::{Clock, UnixMillis};
use crate::config::Retention;
use crate::store::{Bite, Bitten, EventSeq, Extent, Inspect, Retain, StoreError};

/// Events that one transaction looks at.
const BITE_EVENTS: u32 = 500;

/// After a bite it rests this many times as long as that took.
const REST_FACTOR: u32 = 3;

/// Between two rounds over everything, and, if a round took long, so many times as long as that.
const ROUND_REST: Duration = Duration::from_secs(10);
const ROUND_REST_FACTOR: u32 = 10;

/// What the pruner works with.
pub struct PrunerParts {
    pub store: Arc<dyn Retain>,
    /// A connection of its own to look with.
    pub look: Box<dyn Inspect + Send>,
    pub clock: Arc<Clock>,
    pub retention: Retention,
    /// Told how many events each bite forgot.
    pub tell: Box<dyn Fn(u64) + Send>,
}

/// A pruner at work. Dropping it ends it within a bite.
pub struct Pruner {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Pruner {
    /// # Errors
    /// When the machine gives no thread.
    pub fn start(parts: PrunerParts) -> std::io::Result<Self> {
        let (stop, stopped) = crossbeam_channel::bounded(0);
        let thread = std::thread::Builder::new().name("evq-pruner".into());
        let thread = thread.spawn(move || run(&parts, &stopped))?;
        Ok(Pruner { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Pruner {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // Its panic was told; nothing waits for what it would have done.
            let _ = thread.join();
        }
    }
}

/// Why a round ends before its end.
enum Ended {
    Stopped,
    /// The next round tries again; whoever accepts and settles tells of it.
    Failed,
}

impl From<StoreError> for Ended {
    fn from(_: StoreError) -> Self {
        Ended::Failed
    }
}

fn run(parts: &PrunerParts, stopped: &Receiver<()>) {
    loop {
        let began_at = Instant::now();
        if let Err(Ended::Stopped) = round(parts, stopped) {
            return;
        }
        let rest = ROUND_REST.max(began_at.elapsed() * ROUND_REST_FACTOR);
        if pause(stopped, rest).is_err() {
            return;
        }
    }
}

fn pause(stopped: &Receiver<()>, time: Duration) -> Result<(), Ended> {
    match stopped.recv_timeout(time) {
        Err(RecvTimeoutError::Timeout) => Ok(()),
        _ => Err(Ended::Stopped),
    }
}

fn round(parts: &PrunerParts, stopped: &Receiver<()>) -> Result<(), Ended> {
    let now = parts.clock.now();
    if let Some(age_max) = parts.retention.age_max {
        let before = now.before(age_max);
        forget(parts, stopped, before, u64::MAX)?;
        forget_rejected(parts, stopped, before)?;
    }
    let too_many = parts.retention.excess_events(parts.look.extent().map(figures)?);
    if too_many > 0 {
        // Whatever is over, however young.
        forget(parts, stopped, now, too_many)?;
        forget_rejected(parts, stopped, now)?;
    }
    Ok(())
}

fn figures(Extent { events, bytes }: Extent) -> (u64, u64) {
    (events, bytes)
}

/// Forgets what was over before this, the oldest first, until enough is forgotten.
fn forget(
    parts: &PrunerParts,
    stopped: &Receiver<()>,
    before: UnixMillis,
    mut events_left: u64,
) -> Result<(), Ended> {
    let mut after = EventSeq(0);
    while events_left > 0 {
        let events_max = u32::try_from(events_left).unwrap_or(u32::MAX).min(BITE_EVENTS);
        let began_at = Instant::now();
        let Bitten { forgotten, next } = parts.store.forget(Bite { after, events_max, before })?;
        (parts.tell)(forgotten);
        events_left = events_left.saturating_sub(forgotten);
        pause(stopped, began_at.elapsed() * REST_FACTOR)?;
        let Some(next) = next else { break };
        after = next;
    }
    Ok(())
}

fn forget_rejected(parts: &PrunerParts, stopped: &Receiver<()>, before: UnixMillis) -> Result<(), Ended> {
    loop {
        let began_at = Instant::now();
        let forgotten = parts.store.forget_rejected(before, BITE_EVENTS)?;
        pause(stopped, began_at.elapsed() * REST_FACTOR)?;
        if forgotten < u64::from(BITE_EVENTS) {
            return Ok(());
        }
    }
}
