//! How far reading may run ahead of the queue.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Events enqueued and not yet claimed for the first time, above which reading waits. Enough to
/// keep every worker busy over many commits; a file of any size passes through as a window.
const EVENTS_MAX: u64 = 8 * 1024;

/// A waiting reader looks up this often, in case it missed its signal.
const LOOK_UP: Duration = Duration::from_millis(500);

/// Shared by the source, which adds, and the queue, which takes off.
#[derive(Debug, Default)]
pub struct Backlog {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    events: u64,
    is_closed: bool,
}

/// Whether reading goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    Open,
    /// The queue is ending; nothing more is wanted.
    Closed,
}

impl Backlog {
    pub fn add(&self, events: u64) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).events += events;
    }

    /// Takes off events that were claimed. More may be claimed than were added here: an earlier run
    /// left them.
    pub fn take_off(&self, events: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.events = state.events.saturating_sub(events);
        self.changed.notify_all();
    }

    pub fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).is_closed = true;
        self.changed.notify_all();
    }

    /// Waits until reading may go on, or should end.
    pub fn wait(&self) -> Gate {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.events > EVENTS_MAX && !state.is_closed {
            state = self.changed.wait_timeout(state, LOOK_UP).unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.is_closed { Gate::Closed } else { Gate::Open }
    }
}
