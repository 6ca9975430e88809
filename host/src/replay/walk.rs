//! Recorded events page by page, in the order that was asked for.

use super::ReplayError;
use super::order::Shuffled;
use crate::limits::MIB;
use crate::store::{EventSeq, Inspect, RecordedEvent, RecordedPage};

/// Events of one page, and what they may weigh: a page is what memory holds, and one snapshot.
const EVENTS_MAX: usize = 256;
const BYTES_MAX: u64 = 8 * MIB;

/// Which attempts are run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    All,
    /// So many attempts, of events chosen by the seed.
    Sample(u64),
    Events(Vec<EventSeq>),
}

impl Which {
    /// How many attempts at most.
    pub fn attempts_max(&self) -> u64 {
        match self {
            Which::Sample(attempts) => *attempts,
            _ => u64::MAX,
        }
    }
}

pub struct Walk<'i> {
    inspect: &'i dyn Inspect,
    order: Box<dyn Iterator<Item = EventSeq>>,
    /// Taken from the order, and not dealt with.
    ahead: Vec<EventSeq>,
    pub looked_at: u64,
    pub events: u64,
}

impl<'i> Walk<'i> {
    pub fn over(inspect: &'i dyn Inspect, which: &Which, seed: u64) -> Result<Self, ReplayError> {
        let (events, order): (_, Box<dyn Iterator<Item = EventSeq>>) = match which {
            Which::Events(events) => (events.len() as u64, Box::new(events.clone().into_iter())),
            _ => {
                let newest = inspect.newest_event()?.unwrap_or(EventSeq(0));
                (newest.0.unsigned_abs(), Box::new(Shuffled::new(newest, seed)))
            }
        };
        Ok(Walk { inspect, order, ahead: Vec::new(), looked_at: 0, events })
    }

    /// The next events that have attempts; `None` at the end.
    pub fn page(&mut self) -> Result<Option<Vec<RecordedEvent>>, ReplayError> {
        let missing = EVENTS_MAX - self.ahead.len();
        self.ahead.extend(self.order.by_ref().take(missing));
        if self.ahead.is_empty() {
            return Ok(None);
        }
        let RecordedPage { events, looked_at } = self.inspect.recorded(&self.ahead, BYTES_MAX)?;
        self.ahead.drain(..looked_at);
        self.looked_at += looked_at as u64;
        Ok(Some(events))
    }
}
