//! What the store holds: one map for each table of the SQLite schema.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::clock::UnixMillis;
use crate::event::{AttemptCounts, NewEvent, Report};
use crate::store::{EventSeq, HandlerId, ModuleId, ModuleIdentity, Rejected, ResultStatus};

/// One event at one handler.
pub type Key = (EventSeq, HandlerId);

#[derive(Debug, Default)]
pub struct Tables {
    /// A handler's id is its place, counted from 1.
    pub handlers: Vec<String>,
    /// A module's id is its place, counted from 1.
    pub modules: Vec<ModuleIdentity>,
    /// By sha256.
    pub module_bytes: BTreeMap<[u8; 32], Arc<[u8]>>,
    pub events: BTreeMap<EventSeq, StoredEvent>,
    /// Events by source and id.
    pub identities: BTreeMap<(String, String), EventSeq>,
    pub pending: BTreeMap<Key, Pending>,
    pub outcomes: BTreeMap<Key, Outcome>,
    /// Attempts by event, handler and number.
    pub attempts: BTreeMap<(EventSeq, HandlerId, u32), Attempt>,
    /// Each with when it was rejected.
    pub rejected: Vec<(UnixMillis, Rejected)>,
    /// Numbers given out so far: none is given twice, even when its event is dropped.
    pub events_numbered: i64,
    /// Events that go to nobody.
    pub unmatched: BTreeSet<EventSeq>,
    pub paused: BTreeSet<HandlerId>,
    /// Handlers of which a claim is to end, the next one if none waits.
    pub woken: BTreeSet<HandlerId>,
}

#[derive(Debug)]
pub struct StoredEvent {
    pub event: NewEvent,
    pub accepted_at: UnixMillis,
    /// The event whose handler emitted this one.
    pub parent: Option<EventSeq>,
}

/// An event still to be settled by a handler.
#[derive(Debug)]
pub struct Pending {
    pub hold: Hold,
    /// `attempts` counts those that were claimed, the one that runs included.
    pub counts: AttemptCounts,
    /// `None`: at once.
    pub due_at: Option<UnixMillis>,
}

/// Who has a pending event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Nobody: it waits for its turn or its time.
    Waiting,
    Leased,
    /// Its owner is gone.
    Orphaned,
    /// Its owner is gone, and `orphans` has given it out to be settled as lost.
    OrphanGiven,
}

/// How an event ended for a handler.
#[derive(Debug)]
pub struct Outcome {
    pub status: ResultStatus,
    pub number: u32,
    pub attempt: Attempt,
}

/// An attempt as it ended.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub module: ModuleId,
    pub report: Report,
    pub finished_at: UnixMillis,
}

impl Tables {
    pub fn handler_name(&self, handler: HandlerId) -> &str {
        let place = usize::try_from(handler.0 - 1).expect("handler ids count from 1");
        &self.handlers[place]
    }

    pub fn module(&self, module: ModuleId) -> &ModuleIdentity {
        let place = usize::try_from(module.0 - 1).expect("module ids count from 1");
        &self.modules[place]
    }

    pub fn is_known(&self, key: &Key) -> bool {
        self.pending.contains_key(key) || self.outcomes.contains_key(key)
    }
}
