//! What is kept, and for how long: the side of whoever makes room.

use super::{EventSeq, StoreError};
use crate::clock::UnixMillis;

/// A look at some of the oldest events, to forget those that are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bite {
    /// Events after this one are looked at, the oldest first.
    pub after: EventSeq,
    /// So many at most.
    pub events_max: u32,
    /// Only what was accepted, and ended at every handler, before this is over.
    pub before: UnixMillis,
}

/// What a bite did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bitten {
    pub forgotten: u64,
    /// Where the next bite goes on; `None` when nothing older than its time is left to be looked at.
    pub next: Option<EventSeq>,
}

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    pub events: u64,
    /// What the store takes up; room that is free again within it does not count.
    pub bytes: u64,
}

/// The side of whoever makes room. A bite is bounded, so that accepting and settling go on between two.
pub trait Retain: Send + Sync {
    /// Forgets events that are over, each with its results, its attempts and what is known of it: the same
    /// event that comes again is new. One that waits, runs or is dead at some handler is not over.
    fn forget(&self, bite: Bite) -> Result<Bitten, StoreError>;

    /// Forgets up to `rows_max` of the oldest rejected lines, if they were rejected before this; returns
    /// how many.
    fn forget_rejected(&self, before: UnixMillis, rows_max: u32) -> Result<u64, StoreError>;
}
