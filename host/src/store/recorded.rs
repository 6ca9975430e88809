//! What is recorded of attempts, with all that they depended on: enough to run them again and compare.

use std::sync::Arc;

use super::{EventSeq, ModuleId, ResultStatus, StoredOutput};
use crate::clock::UnixMillis;
use crate::event::{EmittedDigest, Exchange, Figures};
use crate::grants::RecordedGrants;
use crate::limits::Limits;

/// A module as it was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedModule {
    pub id: ModuleId,
    pub handler: String,
    pub sha256: [u8; 32],
    pub engine: String,
    /// `None`: recorded before limits were kept.
    pub limits: Option<Limits>,
    pub grants: RecordedGrants,
}

/// An event with its recorded attempts, of every handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    pub seq: EventSeq,
    pub source: String,
    pub id: String,
    pub json: Arc<str>,
    pub accepted_at: UnixMillis,
    pub hops: u32,
    /// By handler, and in order of their numbers.
    pub attempts: Vec<RecordedAttempt>,
}

/// What came out of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedAttempt {
    pub module: ModuleId,
    pub number: u32,
    /// See `Verdict::code`.
    pub verdict: String,
    pub message: Option<String>,
    /// Pairs of level and text.
    pub logs: Vec<(String, String)>,
    pub figures: Figures,
    /// The event's result, where this attempt is the one that made it.
    pub result: Option<RecordedResult>,
    /// The requests it sent, in their order.
    pub exchanges: Vec<Exchange>,
}

/// How an event ended with its last attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedResult {
    pub status: ResultStatus,
    pub output: StoredOutput,
    pub error: Option<String>,
    pub fuel: u64,
    pub emitted: RecordedEmitted,
}

/// What an attempt emitted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordedEmitted {
    /// Of all of it; `None` when it was nothing.
    pub digest: Option<EmittedDigest>,
    /// The JSON of those events that the attempt brought into the store and that are still there.
    pub events: Vec<String>,
}

/// Some of the events that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordedPage {
    /// Those that have recorded attempts.
    pub events: Vec<RecordedEvent>,
    /// How many of the numbers asked for are dealt with.
    pub looked_at: usize,
}

impl RecordedEvent {
    /// What it takes of a page.
    pub fn len_bytes(&self) -> u64 {
        let results = self.attempts.iter().filter_map(|attempt| attempt.result.as_ref());
        let result_bytes: usize = results
            .map(|result| {
                let emitted: usize = result.emitted.events.iter().map(String::len).sum();
                result.output.len_bytes() + emitted
            })
            .sum();
        let exchanges = self.attempts.iter().flat_map(|attempt| &attempt.exchanges);
        (self.json.len() + result_bytes) as u64 + exchanges.map(Exchange::len_bytes).sum::<u64>()
    }
}
