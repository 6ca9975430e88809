//! Events ready to be leased, kept in memory between enqueue and claim, so that on the usual road
//! no event is read back from the file it was just written to.
//!
//! The file stays the truth: this is a window on the table `pending`, always a prefix of it in order
//! of acceptance, and may be thrown away at any time.

use std::collections::VecDeque;

use crate::clock::UnixMillis;
use crate::event::AttemptCounts;

/// Bounds on all windows together: what one lets through is left in the file and loaded later.
const EVENTS_MAX: usize = 64 * 1024;
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// One event to lease, and the counts before the attempt.
pub struct ReadyEvent {
    pub seq: i64,
    pub counts: AttemptCounts,
    pub accepted_at: UnixMillis,
    pub hops: u32,
    pub json: Box<str>,
}

/// One handler's window.
#[derive(Default)]
pub struct Ready {
    events: VecDeque<ReadyEvent>,
    bytes: usize,
    /// The last event that was put into the window; what the file holds after it was not.
    cursor: i64,
    /// Whether the file holds nothing after the cursor that is not in the window.
    caught_up: bool,
}

impl Ready {
    pub fn cursor(&self) -> i64 {
        self.cursor
    }

    /// Whether nothing waits: an event that comes now may be leased as it is written.
    pub fn is_drained(&self) -> bool {
        self.events.is_empty() && self.caught_up
    }

    /// Passes over an event that was leased as it was written.
    pub fn pass(&mut self, seq: i64) {
        self.cursor = seq;
    }

    pub fn must_load(&self) -> bool {
        self.events.is_empty() && !self.caught_up
    }

    pub fn pop(&mut self) -> Option<ReadyEvent> {
        let event = self.events.pop_front()?;
        self.bytes -= event.json.len();
        Some(event)
    }

    pub fn next_len(&self) -> Option<usize> {
        self.events.front().map(|event| event.json.len())
    }

    /// Puts in an event that was just enqueued, if the window reaches up to it and has room. Each of so
    /// many `windows` has its part of the whole.
    pub fn offer(&mut self, event: ReadyEvent, windows: usize) {
        if !self.caught_up {
            return;
        }
        let windows = windows.max(1);
        let bytes = self.bytes + event.json.len();
        if self.events.len() >= EVENTS_MAX / windows || bytes > BYTES_MAX / windows {
            self.caught_up = false;
            return;
        }
        self.push(event);
    }

    /// Puts in what was loaded from behind the cursor.
    pub fn load(&mut self, events: Vec<ReadyEvent>, caught_up: bool) {
        events.into_iter().for_each(|event| self.push(event));
        self.caught_up = caught_up;
    }

    fn push(&mut self, event: ReadyEvent) {
        self.bytes += event.json.len();
        self.cursor = event.seq;
        self.events.push_back(event);
    }
}
