//! The storage contract: what the queue, the sources and the people who look need of a database.
//!
//! Small traits, split by caller: [`Enqueue`] for sources, [`Lease`] for the queue, [`Inspect`] and
//! [`Browse`] for the read side, [`Maintain`] for a person's hand, [`Retain`] for
//! whoever makes room. Every call is batch-shaped and
//! blocks until its effect is durable, so one fsync can serve many. A back end is right when it
//! passes the suite in `conformance/`; [`memory`] is the plainest one that does.
//!
//! The contract knows no SQL, no file and no Wasm. A lease is the triple (event, handler, attempt
//! number): the number is counted in the database before the attempt runs, and a settlement is
//! recorded only while the row still carries it. That is the fencing token of a database shared by
//! many hosts, too.

mod address;
mod browse;
mod error;
mod free_space;
mod inspect;
pub mod memory;
mod recorded;
mod retain;
pub mod sqlite;
mod unsettled;

#[cfg(test)]
mod conformance;

use std::sync::Arc;
use std::time::Duration;

use crate::clock::UnixMillis;
use crate::event::{AttemptCounts, Report, Settlement};
use crate::grants::RecordedGrants;
use crate::limits::Limits;

pub use address::{Addressed, EnqueueFate, Route};
pub use browse::{
    Browse, DeadReason, DeadReasons, DeliveryRow, EventFilter, EventPage, EventRow, EventState, KnownHandler,
};
pub use error::StoreError;
pub use free_space::FreeSpace;
pub use inspect::{
    AttemptDetail, Cancelled, DeadFilter, DeliveryDetail, DeliveryState, EventDetail, Inspect, Maintain,
    PageFrom, ResultFilter, ResultKey, ResultPage, ResultRow, ResultStatus, Stats, StoredOutput,
};
pub use recorded::{
    RecordedAttempt, RecordedEmitted, RecordedEvent, RecordedModule, RecordedPage, RecordedResult,
};
pub use retain::{Bite, Bitten, Extent, Retain};
pub use unsettled::{Pile, Unsettled};

/// An event's number in this store, in order of acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventSeq(pub i64);

/// A handler's number in this store. A handler is known by its name; its modules come and go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HandlerId(pub i64);

/// One module of a handler on one engine under its limits: what exactly made a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub i64);

/// What identifies a handler's module: all that its attempts depend on beside their events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleIdentity {
    pub handler: String,
    pub sha256: [u8; 32],
    /// Engine, version and the settings that change fuel or meaning.
    pub engine: String,
    pub limits: Limits,
    pub grants: RecordedGrants,
}

/// The numbers a store gave a [`ModuleIdentity`], and how its handler was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    pub handler: HandlerId,
    pub module: ModuleId,
    pub activity: Activity,
}

/// Whether a handler's events are to be run, or accepted and kept waiting. A person says so, and the store
/// remembers; it gives out leases all the same, for whoever claims knows best what it will do with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Activity {
    #[default]
    Running,
    Paused,
}

/// Losses that make an event a suspect. One is no proof: a power cut takes down whatever was running,
/// and to run all of that one by one would make every restart slow.
pub const SUSPECT_LOSSES_MIN: u32 = 2;

/// A line that is no event, kept as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The file's name, or `-` for standard input.
    pub file: String,
    pub line: u64,
    pub reason: String,
    /// The line, cut after [`Rejected::BYTES_KEPT_MAX`].
    pub bytes: Vec<u8>,
}

impl Rejected {
    pub const BYTES_KEPT_MAX: usize = 64 * 1024;
}

/// Takes the fates of events that were handed over, or why there are none. Called on the store's own thread, so
/// it does not wait. It is dropped uncalled only when the store ends in a panic.
pub type TellFates = Box<dyn FnOnce(Result<Vec<EnqueueFate>, StoreError>) + Send>;

/// The source's side.
pub trait Enqueue: Send + Sync {
    /// Stores events and queues each for the handlers it goes to; tells one fate an event, in order, once
    /// all of them are durable. It does not wait for that, so what many callers hand over shares a commit.
    fn hand_over(&self, events: Vec<Addressed>, tell: TellFates);

    /// Hands events over and waits for their fates.
    fn enqueue(&self, events: Vec<Addressed>) -> Result<Vec<EnqueueFate>, StoreError> {
        let (sender, fates) = crossbeam_channel::bounded(1);
        self.hand_over(events, Box::new(move |told| drop(sender.send(told))));
        fates.recv().map_err(|_| StoreError::gone())?
    }

    /// Keeps lines that are no events.
    fn reject(&self, lines: Vec<Rejected>) -> Result<(), StoreError>;

    /// What is queued and not settled, at every handler, as of the last commit. Costs no look at the data.
    fn unsettled(&self) -> Unsettled;
}

/// The right to settle one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseId {
    pub event: EventSeq,
    pub handler: HandlerId,
    /// This attempt's number; it fences off every earlier one.
    pub attempt: u32,
}

/// An attempt to run: the lease and all that the handler may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    pub id: LeaseId,
    pub counts: AttemptCounts,
    pub accepted_at: UnixMillis,
    pub hops: u32,
    /// The event's JSON text, as received.
    pub json: Box<str>,
}

/// How much a claim may bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub events_max: usize,
    /// The events' JSON together; a single larger event is still given, alone.
    pub bytes_max: u64,
}

/// What a claim brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    pub leases: Vec<Leased>,
    /// When the next event falls due, if one waits for its time.
    pub next_due_at: Option<UnixMillis>,
}

/// The end of an attempt, to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    pub lease: LeaseId,
    pub counts: AttemptCounts,
    /// Of the JSON that came with the lease.
    pub event_bytes: u64,
    pub module: ModuleId,
    pub settlement: Settlement,
    pub report: Report,
    /// Where each event goes that the report tells of as emitted, in their order.
    pub routes: Vec<Route>,
    pub finished_at: UnixMillis,
}

/// What became of one settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettleFate {
    /// Recorded, with the emitted events, which this many handlers now have to settle: one counts for
    /// each handler that it was new to.
    Recorded { emitted: u32 },
    /// The lease was no longer ours: nothing was recorded.
    LeaseLost,
}

/// The queue's side.
pub trait Lease: Send + Sync {
    /// Gives a module its numbers; the same identity always gets the same ones. The bytes that `sha256` is
    /// of are kept, once for all modules that have it, so that what it did can be run again.
    fn register(&self, module: &ModuleIdentity, bytes: Arc<[u8]>) -> Result<Registered, StoreError>;

    /// Leases events of `handler` and counts their attempts durably: those that waited for their time
    /// and are due, then new ones in order of acceptance.
    /// Waits up to `wait` for one to come or fall due; returns early, empty, on [`Lease::wake`].
    fn claim(&self, handler: HandlerId, room: Room, wait: Duration) -> Result<Claim, StoreError>;

    /// Leases one event that was lost [`SUSPECT_LOSSES_MIN`] times or more. Suspects are run alone,
    /// before anything else, so that a handler which kills the host is told from the events beside it.
    fn claim_suspect(&self, handler: HandlerId) -> Result<Option<Leased>, StoreError>;

    /// Ends the waiting [`Lease::claim`]s of `handler`, or else the next one before it waits.
    fn wake(&self, handler: HandlerId);

    /// Leases of `handler` whose owner is gone, each to be settled as lost. Each is given once.
    fn orphans(&self, handler: HandlerId) -> Result<Vec<Leased>, StoreError>;

    /// Gives back leases whose attempts were never begun, uncounted: a clean stop costs no event an
    /// attempt. The number will be given again, so nobody may settle such a lease after this. Leases that are not ours any more are left alone.
    fn release(&self, leases: Vec<LeaseId>) -> Result<(), StoreError>;

    /// Records the ends of attempts, all in one transaction, each with its emitted events and only
    /// if its lease is still ours; returns one fate a settlement, in order.
    fn settle(&self, batch: Vec<Settled>) -> Result<Vec<SettleFate>, StoreError>;
}
