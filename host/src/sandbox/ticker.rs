//! The clock that interrupts guests: moves the engine's epoch on, ten milliseconds a tick.

use std::time::Duration;

use wasmtime::Engine;

const TICK: Duration = Duration::from_millis(10);

/// A thread that ticks until dropped.
pub struct Ticker {
    /// Dropping it ends the thread's wait, and the thread.
    _stop: crossbeam_channel::Sender<()>,
}

impl Ticker {
    pub fn start(engine: &Engine) -> std::io::Result<Self> {
        let (stop, stopped) = crossbeam_channel::bounded::<()>(0);
        let engine = engine.clone();
        std::thread::Builder::new().name("evq-epoch".into()).spawn(move || {
            while let Err(crossbeam_channel::RecvTimeoutError::Timeout) = stopped.recv_timeout(TICK) {
                engine.increment_epoch();
            }
        })?;
        Ok(Ticker { _stop: stop })
    }
}

/// Ticks that surely cover `time`: the first one may come at once.
pub fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(TICK.as_nanos())).unwrap_or(u64::MAX).saturating_add(1)
}
