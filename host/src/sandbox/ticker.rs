//! The clock that interrupts guests: moves the engine's epoch on, ten milliseconds a tick, while
//! attempts run. A host that waits for events sleeps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use wasmtime::Engine;

const TICK: Duration = Duration::from_millis(10);

/// Ticks without an attempt after which the thread sleeps.
const IDLE_TICKS_MAX: u32 = 100;

/// A thread that ticks until dropped.
pub struct Ticker {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    /// Attempts begun and ended: equal when none runs.
    begun: AtomicU64,
    ended: AtomicU64,
    is_asleep: AtomicBool,
    is_over: AtomicBool,
}

impl Ticker {
    pub fn start(engine: &Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (theirs, engine) = (shared.clone(), engine.clone());
        let thread = std::thread::Builder::new()
            .name("evq-epoch".into())
            .spawn(move || tick_until_over(&theirs, &engine))?;
        Ok(Ticker { shared, thread })
    }

    /// Keeps the clock going as long as the attempt runs.
    pub fn attempt(&self) -> RunningAttempt<'_> {
        self.shared.begun.fetch_add(1, Ordering::SeqCst);
        if self.shared.is_asleep.load(Ordering::SeqCst) {
            self.thread.thread().unpark();
        }
        RunningAttempt(&self.shared)
    }
}

/// An attempt that the clock runs for.
pub struct RunningAttempt<'a>(&'a Shared);

impl Drop for RunningAttempt<'_> {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        self.thread.thread().unpark();
    }
}

fn tick_until_over(shared: &Shared, engine: &Engine) {
    let mut idle_ticks = 0;
    let mut begun_before = 0;
    while !shared.is_over.load(Ordering::SeqCst) {
        std::thread::park_timeout(TICK);
        engine.increment_epoch();
        let begun = shared.begun.load(Ordering::SeqCst);
        let is_idle = begun == begun_before && begun == shared.ended.load(Ordering::SeqCst);
        idle_ticks = if is_idle { idle_ticks + 1 } else { 0 };
        begun_before = begun;
        if idle_ticks > IDLE_TICKS_MAX {
            sleep_until_needed(shared, begun);
        }
    }
}

/// An attempt says that it begins before it looks whether this thread sleeps; this thread says that
/// it sleeps before it looks whether one has begun. So one of the two sees the other.
fn sleep_until_needed(shared: &Shared, begun: u64) {
    shared.is_asleep.store(true, Ordering::SeqCst);
    while shared.begun.load(Ordering::SeqCst) == begun && !shared.is_over.load(Ordering::SeqCst) {
        std::thread::park();
    }
    shared.is_asleep.store(false, Ordering::SeqCst);
}

/// Ticks that surely cover `time`: the first one may come at once.
pub fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(TICK.as_nanos())).unwrap_or(u64::MAX).saturating_add(1)
}
