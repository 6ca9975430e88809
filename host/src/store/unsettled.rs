//! How much is queued and not settled: what back-pressure looks at.

use std::collections::BTreeMap;
use std::iter::Sum;

use super::HandlerId;

/// Events that a handler, or all of them, still have to settle. An event that goes to several handlers
/// counts at each of them, and so do its bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pile {
    pub events: u64,
    /// Of the events' JSON.
    pub bytes: u64,
}

impl Sum for Pile {
    fn sum<I: Iterator<Item = Pile>>(piles: I) -> Pile {
        piles.fold(Pile::default(), |all, one| Pile {
            events: all.events + one.events,
            bytes: all.bytes + one.bytes,
        })
    }
}

/// The piles of all handlers that have something to settle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unsettled(BTreeMap<HandlerId, Pile>);

impl Unsettled {
    pub fn all(&self) -> Pile {
        self.0.values().copied().sum()
    }

    pub fn at(&self, handler: HandlerId) -> Pile {
        self.0.get(&handler).copied().unwrap_or_default()
    }

    pub fn add(&mut self, handler: HandlerId, event_bytes: u64) {
        let pile = self.0.entry(handler).or_default();
        pile.events += 1;
        pile.bytes += event_bytes;
    }

    pub fn take_off(&mut self, handler: HandlerId, event_bytes: u64) {
        let Some(pile) = self.0.get_mut(&handler) else { return };
        pile.events = pile.events.saturating_sub(1);
        pile.bytes = pile.bytes.saturating_sub(event_bytes);
        if *pile == Pile::default() {
            self.0.remove(&handler);
        }
    }
}

impl FromIterator<(HandlerId, Pile)> for Unsettled {
    fn from_iter<I: IntoIterator<Item = (HandlerId, Pile)>>(piles: I) -> Self {
        Unsettled(piles.into_iter().collect())
    }
}
