//! What a person walks through: events with their states, and the dead by reason.
//!
//! All of it is bounded work, whatever the filter and however large the store.

use super::{DeadFilter, EventSeq, HandlerId, Inspect, StoreError};
use crate::clock::UnixMillis;

/// Where an event stands, over all its handlers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventState {
    /// A handler has not settled it.
    Unsettled,
    /// It ended well for a handler.
    Ok,
    /// It is dead for a handler.
    Dead,
    /// No handler ever had it.
    Unmatched,
}

/// Which events to list; every given part must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    pub id: Option<String>,
    pub source: Option<String>,
    pub type_: Option<String>,
    /// Only events that this handler has or had.
    pub handler: Option<String>,
    pub state: Option<EventState>,
}

/// An event in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    pub seq: EventSeq,
    pub id: String,
    pub source: String,
    pub type_: String,
    pub accepted_at: UnixMillis,
    /// In the order in which the store met the handlers.
    pub deliveries: Vec<DeliveryRow>,
}

/// Where it stands at one handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    pub handler: String,
    /// `pending`, `leased`, `ok` or `dead`.
    pub state: &'static str,
    /// Why it is dead.
    pub error: Option<String>,
}

/// Some events, the latest accepted first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventPage {
    pub rows: Vec<EventRow>,
    /// The next page holds what was accepted before this one; `None` at the end. A page may be short,
    /// even empty, before that.
    pub next: Option<EventSeq>,
}

/// Dead events of one handler that have one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadReason {
    pub handler: String,
    pub error: String,
    pub events: u64,
    pub latest_at: UnixMillis,
}

/// The dead by reason, most first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadReasons {
    pub reasons: Vec<DeadReason>,
    /// Whether all dead events were looked at, not only the latest of each handler.
    pub is_complete: bool,
}

/// A handler that the store has seen, be it at work or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHandler {
    pub id: HandlerId,
    pub name: String,
}

/// The read side of those who look around.
pub trait Browse: Inspect {
    /// Up to `rows_max` events that fit, accepted before `before`, or the latest.
    fn page_of_events(
        &self,
        filter: &EventFilter,
        before: Option<EventSeq>,
        rows_max: u32,
    ) -> Result<EventPage, StoreError>;

    /// Dead events by handler and reason.
    fn dead_reasons(&self) -> Result<DeadReasons, StoreError>;

    /// Every handler there was, in the order of their ids.
    fn handlers(&self) -> Result<Vec<KnownHandler>, StoreError>;

    /// How many dead events fit, counted up to the filter's limit.
    fn count_dead(&self, filter: &DeadFilter) -> Result<u64, StoreError>;
}
