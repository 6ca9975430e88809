//! The read side and a person's hand: what `results`, `show`, `stats` and `dead` need.

use std::ops::ControlFlow;

use super::{Activity, EventSeq, Extent, HandlerId, RecordedModule, RecordedPage, StoreError};
use crate::clock::UnixMillis;
use crate::event::{Exchange, Figures, Output, Verdict};
use crate::limits::Limits;

/// How an event ended for one handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultStatus {
    Ok,
    Dead,
}

impl ResultStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            ResultStatus::Ok => "ok",
            ResultStatus::Dead => "dead",
        }
    }
}

/// An output as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredOutput {
    None,
    /// JSON text.
    Json(String),
    Bytes(Vec<u8>),
}

impl StoredOutput {
    /// What an attempt put out, as the store would hold it.
    pub fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Ok { output: Output::Json(json), .. } => StoredOutput::Json(json.to_string()),
            Verdict::Ok { output: Output::Bytes(bytes), .. } => StoredOutput::Bytes(bytes.to_vec()),
            _ => StoredOutput::None,
        }
    }

    pub fn len_bytes(&self) -> usize {
        match self {
            StoredOutput::None => 0,
            StoredOutput::Json(text) => text.len(),
            StoredOutput::Bytes(bytes) => bytes.len(),
        }
    }
}

/// One row of the view `results`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultRow {
    pub event_id: String,
    pub source: String,
    pub type_: String,
    pub handler: String,
    pub handler_sha256: String,
    pub status: ResultStatus,
    pub output: StoredOutput,
    pub error: Option<String>,
    pub attempts: u32,
    pub figures: Figures,
    pub finished_at: UnixMillis,
}

/// Which results to list; every given part must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultFilter {
    pub status: Option<ResultStatus>,
    pub type_: Option<String>,
    pub handler: Option<String>,
    /// Finished at or after this time.
    pub since: Option<UnixMillis>,
    /// Finished before this time.
    pub until: Option<UnixMillis>,
    /// Part of the error's text.
    pub error_contains: Option<String>,
    /// The error's whole text.
    pub error_is: Option<String>,
    pub limit: Option<u64>,
}

/// One result's place among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResultKey {
    pub event: EventSeq,
    pub handler: HandlerId,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageFrom {
    /// With the latest event.
    Latest,
    After(ResultKey),
}

/// Some results, the latest accepted event first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResultPage {
    pub rows: Vec<ResultRow>,
    /// Where the next page begins; `None` at the end. A page may be short, even empty, before that.
    pub next: Option<ResultKey>,
}

/// Which dead events to retry or drop; every given part must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadFilter {
    pub event_id: Option<String>,
    pub source: Option<String>,
    pub type_: Option<String>,
    pub handler: Option<String>,
    pub error_contains: Option<String>,
    /// The error's whole text.
    pub error_is: Option<String>,
    pub finished_before: Option<UnixMillis>,
    /// At most so many, oldest event first.
    pub limit: Option<u64>,
}

/// What became of the deliveries that were to be cancelled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cancelled {
    /// The names of the handlers whose deliveries were ended.
    pub handlers: Vec<String>,
    /// Deliveries that are leased: they run, and are not cancelled.
    pub running: u64,
}

/// An event and all that happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventDetail {
    pub seq: EventSeq,
    pub json: String,
    pub accepted_at: UnixMillis,
    pub hops: u32,
    pub deliveries: Vec<DeliveryDetail>,
}

/// One event at one handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryDetail {
    pub handler: String,
    pub state: DeliveryState,
    /// In order of their numbers.
    pub attempts: Vec<AttemptDetail>,
}

/// Where a delivery stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryState {
    /// Waits for its turn, or for its time.
    Pending {
        attempts: u32,
        due_at: Option<UnixMillis>,
    },
    /// Claimed: running, or lost with the host that claimed it.
    Leased {
        attempt: u32,
    },
    Settled {
        status: ResultStatus,
        output: StoredOutput,
        error: Option<String>,
    },
}

/// One attempt as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptDetail {
    pub number: u32,
    /// See `Verdict::code`.
    pub verdict: String,
    pub message: Option<String>,
    pub backtrace: Option<String>,
    /// Pairs of level and text.
    pub logs: Vec<(String, String)>,
    pub handler_sha256: String,
    pub engine: String,
    /// `None`: recorded before limits were kept.
    pub limits: Option<Limits>,
    pub figures: Figures,
    pub finished_at: UnixMillis,
    /// The requests it sent, in their order.
    pub exchanges: Vec<Exchange>,
}

/// Counts over the whole store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    pub events: u64,
    pub rejected: u64,
    /// Waiting for their turn or their time.
    pub pending: u64,
    pub leased: u64,
    pub ok: u64,
    pub dead: u64,
    /// Events that matched no handler.
    pub unmatched: u64,
    /// Handlers whose events wait because a person said so, by name.
    pub paused: Vec<String>,
    pub oldest_pending_at: Option<UnixMillis>,
    /// Handler, module sha256, ok, dead: one entry for each module that made a result.
    pub modules: Vec<(String, String, u64, u64)>,
    /// Dead events by error text, most first, at most 10.
    pub dead_reasons: Vec<(String, u64)>,
    pub database_bytes: u64,
}

/// The read side. Reading never disturbs the owner of the store.
pub trait Inspect {
    /// Calls `each` for every result that fits, oldest event first, until it breaks.
    fn results(
        &self,
        filter: &ResultFilter,
        each: &mut dyn FnMut(ResultRow) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// Up to `rows_max` results that fit, the latest accepted event first, for bounded work whatever
    /// the filter; its `limit` is not looked at.
    fn page_of_results(
        &self,
        filter: &ResultFilter,
        from: PageFrom,
        rows_max: u32,
    ) -> Result<ResultPage, StoreError>;

    /// All events with this id, of every source or of one.
    fn events(&self, id: &str, source: Option<&str>) -> Result<Vec<EventDetail>, StoreError>;

    /// How this event ended for a handler, if it is settled.
    fn result_of(&self, source: &str, id: &str, handler: &str) -> Result<Option<ResultRow>, StoreError>;

    /// When the oldest event that waits for its turn or its time was accepted.
    fn oldest_pending_at(&self) -> Result<Option<UnixMillis>, StoreError>;

    fn stats(&self) -> Result<Stats, StoreError>;

    /// How much there is; counts in an index, so it takes a moment where there are many millions.
    fn extent(&self) -> Result<Extent, StoreError>;

    /// Every module that was registered.
    fn modules(&self) -> Result<Vec<RecordedModule>, StoreError>;

    /// The number of the newest event there is.
    fn newest_event(&self) -> Result<Option<EventSeq>, StoreError>;

    /// The recorded attempts of events, in the order asked for: of the first one, and of as many as
    /// `bytes_max` allows.
    fn recorded(&self, events: &[EventSeq], bytes_max: u64) -> Result<RecordedPage, StoreError>;

    /// The bytes of a module that was registered, as they were given.
    fn module_bytes(&self, sha256: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError>;
}

/// What a person may change.
pub trait Maintain {
    /// Queues dead events again, with their history and a new count of failures; returns how many.
    fn retry_dead(&self, filter: &DeadFilter) -> Result<u64, StoreError>;

    /// Forgets dead events: the result, its attempts, and the event itself unless another handler
    /// has it; returns how many results.
    fn drop_dead(&self, filter: &DeadFilter) -> Result<u64, StoreError>;

    /// Ends an event's deliveries that wait for their turn or their time, at all handlers or at one: each
    /// is settled as dead by an attempt `cancelled`, which nobody runs. What is leased is left alone.
    fn cancel(&self, source: &str, id: &str, handler: Option<&str>) -> Result<Cancelled, StoreError>;

    /// Remembers whether a handler's events are to be run.
    fn set_activity(&self, handler: HandlerId, activity: Activity) -> Result<(), StoreError>;
}
