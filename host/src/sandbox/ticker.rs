//! The clock that interrupts guests: moves every engine's epoch on, ten milliseconds a tick, as long as
//! an attempt can be running. A host that waits for events sleeps.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

const TICK: Duration = Duration::from_millis(10);

/// A thread that ticks until dropped.
pub struct Ticker {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    engines: Mutex<Vec<EngineWeak>>,
    tick: AtomicU64,
    /// The tick in which an attempt was last begun. Written once a tick at most, so that workers do not
    /// pass it to and fro for every event.
    last_begun: AtomicU64,
    is_asleep: AtomicBool,
    is_over: AtomicBool,
}

impl Shared {
    fn engines(&self) -> MutexGuard<'_, Vec<EngineWeak>> {
        self.engines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn increment_epochs(&self) {
        self.engines().retain(|engine| engine.upgrade().map(|engine| engine.increment_epoch()).is_some());
    }
}

impl Ticker {
    /// `attempt_max` is the longest that an attempt can run: so long the clock goes on after the last
    /// one was begun.
    pub fn start(attempt_max: Duration) -> std::io::Result<Self> {
        // Beyond the tick in which nothing was ever begun, so that the first attempt tells itself from that.
        let shared = Arc::new(Shared { tick: AtomicU64::new(1), ..Shared::default() });
        let theirs = shared.clone();
        let idle_ticks_max = ticks(attempt_max).saturating_add(100);
        let thread = std::thread::Builder::new()
            .name("evq-epoch".into())
            .spawn(move || tick_until_over(&theirs, idle_ticks_max))?;
        Ok(Ticker { shared, thread })
    }

    /// Has the clock move this engine's epoch, too, for as long as the engine lives.
    pub fn add(&self, engine: &Engine) {
        self.shared.engines().push(engine.weak());
    }

    /// Has the clock go on for an attempt that begins now.
    pub fn begin_attempt(&self) {
        let tick = self.shared.tick.load(Ordering::SeqCst);
        if self.shared.last_begun.load(Ordering::Relaxed) != tick {
            self.shared.last_begun.store(tick, Ordering::SeqCst);
        }
        if self.shared.is_asleep.load(Ordering::SeqCst) {
            self.thread.thread().unpark();
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        self.thread.thread().unpark();
    }
}

fn tick_until_over(shared: &Shared, idle_ticks_max: u64) {
    sleep_until_needed(shared, 0);
    while !shared.is_over.load(Ordering::SeqCst) {
        std::thread::park_timeout(TICK);
        shared.increment_epochs();
        let tick = shared.tick.fetch_add(1, Ordering::SeqCst) + 1;
        let last_begun = shared.last_begun.load(Ordering::SeqCst);
        if tick.saturating_sub(last_begun) > idle_ticks_max {
            sleep_until_needed(shared, last_begun);
        }
    }
}

/// An attempt says that it begins before it looks whether this thread sleeps; this thread says that
/// it sleeps before it looks whether one has begun. So one of the two sees the other. While this
/// thread sleeps the tick stands, and it is not `last_begun`: an attempt does write it.
fn sleep_until_needed(shared: &Shared, last_begun: u64) {
    shared.is_asleep.store(true, Ordering::SeqCst);
    while shared.last_begun.load(Ordering::SeqCst) == last_begun && !shared.is_over.load(Ordering::SeqCst) {
        std::thread::park();
    }
    shared.is_asleep.store(false, Ordering::SeqCst);
}

/// Ticks that surely cover `time`: the first one may come at once.
pub fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(TICK.as_nanos())).unwrap_or(u64::MAX).saturating_add(1)
}
