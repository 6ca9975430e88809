//! A bound on waiting for a queue: when the time is over, the queue is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender};

use crate::cli::Failure;
use crate::queue::Stopper;

pub struct Watchdog {
    limit: Duration,
    watching: (Sender<()>, JoinHandle<()>),
    has_stopped: Arc<AtomicBool>,
}

impl Watchdog {
    pub fn start(stopper: Stopper, limit: Duration) -> Result<Self, Failure> {
        let (done, is_done) = crossbeam_channel::bounded::<()>(0);
        let has_stopped = Arc::new(AtomicBool::new(false));
        let stopped = has_stopped.clone();
        let watch = move || {
            if is_done.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                stopped.store(true, Ordering::SeqCst);
                stopper.stop();
            }
        };
        let thread = std::thread::Builder::new().name("evq-watchdog".into()).spawn(watch);
        let thread = thread.map_err(|e| Failure::work(format!("no thread to watch the time: {e}")))?;
        Ok(Watchdog { limit, watching: (done, thread), has_stopped })
    }

    /// To be called when the queue has ended.
    ///
    /// # Errors
    /// When it did not end by itself.
    pub fn dismiss(self) -> Result<(), Failure> {
        let (done, thread) = self.watching;
        drop(done);
        // It only waits and sets a flag.
        let _ = thread.join();
        match self.has_stopped.load(Ordering::SeqCst) {
            false => Ok(()),
            true => {
                let limit = self.limit.as_secs();
                Err(Failure::work(format!(
                    "the queue was not done after {limit} s; measure with fewer events (--events)"
                )))
            }
        }
    }
}
