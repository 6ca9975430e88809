//! Whether a handler's events are run, or wait: turned by a person's hand, looked at by the queue.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A waiting thread looks up this often, in case it missed its signal.
const LOOK_UP: Duration = Duration::from_millis(500);

/// On unless it is turned off.
#[derive(Debug, Default)]
pub struct Switch {
    is_off: AtomicBool,
    turning: Mutex<()>,
    turned: Condvar,
}

impl Switch {
    /// Attempts that run go on; no other begins.
    pub fn turn_off(&self) {
        self.is_off.store(true, Ordering::SeqCst);
    }

    pub fn turn_on(&self) {
        self.is_off.store(false, Ordering::SeqCst);
        self.ring();
    }

    pub fn is_off(&self) -> bool {
        self.is_off.load(Ordering::SeqCst)
    }

    /// Waits a moment for it to be turned on, or for whoever rings.
    pub fn wait(&self) {
        let turning = self.turning.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_off() {
            let _ = self.turned.wait_timeout(turning, LOOK_UP);
        }
    }

    /// Ends every wait.
    pub fn ring(&self) {
        let _turning = self.turning.lock().unwrap_or_else(PoisonError::into_inner);
        self.turned.notify_all();
    }
}
