//! What is recorded of attempts, for whoever runs them again.

use super::tables::{Attempt, Key, Tables};
use crate::event::{EmittedDigest, NewEvent, Verdict};
use crate::store::{
    EventSeq, HandlerId, ModuleId, RecordedAttempt, RecordedEmitted, RecordedEvent, RecordedModule,
    RecordedPage, RecordedResult, ResultStatus,
};

impl Tables {
    pub fn recorded_modules(&self) -> Vec<RecordedModule> {
        let numbered = (1..).map(ModuleId).zip(&self.modules);
        numbered
            .map(|(id, module)| RecordedModule {
                id,
                handler: module.handler.clone(),
                sha256: module.sha256,
                engine: module.engine.clone(),
                limits: Some(module.limits),
                grants: module.grants.clone(),
            })
            .collect()
    }

    pub fn recorded(&self, events: &[EventSeq], bytes_max: u64) -> RecordedPage {
        let mut page = RecordedPage::default();
        let mut bytes = 0;
        for seq in events {
            if bytes >= bytes_max {
                break;
            }
            page.looked_at += 1;
            let Some(event) = self.recorded_event(*seq) else { continue };
            bytes += event.len_bytes();
            page.events.push(event);
        }
        page
    }

    fn recorded_event(&self, seq: EventSeq) -> Option<RecordedEvent> {
        let first = (seq, HandlerId(i64::MIN), 0);
        let attempts = self.attempts.range(first..).take_while(|((event, ..), _)| *event == seq);
        let attempts: Vec<RecordedAttempt> = attempts
            .map(|((_, handler, number), attempt)| self.recorded_attempt((seq, *handler), *number, attempt))
            .collect();
        let stored = self.events.get(&seq).filter(|_| !attempts.is_empty())?;
        Some(RecordedEvent {
            seq,
            source: stored.event.source().into(),
            id: stored.event.id().into(),
            json: stored.event.json().into(),
            accepted_at: stored.accepted_at,
            hops: stored.event.hops(),
            attempts,
        })
    }

    fn recorded_attempt(&self, key: Key, number: u32, attempt: &Attempt) -> RecordedAttempt {
        let report = &attempt.report;
        RecordedAttempt {
            module: attempt.module,
            number,
            verdict: report.verdict.code().into(),
            message: report.verdict.message(),
            logs: report
                .logs
                .iter()
                .map(|line| (line.level.as_str().into(), line.text.to_string()))
                .collect(),
            figures: report.figures,
            result: self.recorded_result(key, number),
            exchanges: report.exchanges.clone(),
        }
    }

    fn recorded_result(&self, key: Key, number: u32) -> Option<RecordedResult> {
        let outcome = self.outcomes.get(&key).filter(|outcome| outcome.number == number)?;
        let emitted = match &outcome.attempt.report.verdict {
            Verdict::Ok { emitted, .. } if outcome.status == ResultStatus::Ok => emitted.as_slice(),
            _ => &[],
        };
        Some(RecordedResult {
            status: outcome.status,
            output: outcome.output(),
            error: outcome.error(),
            fuel: outcome.attempt.report.figures.fuel,
            emitted: RecordedEmitted {
                digest: EmittedDigest::of(emitted),
                events: self.still_stored(key.0, emitted),
            },
        })
    }

    /// The JSON of those that this event's handler brought into the store.
    fn still_stored(&self, parent: EventSeq, emitted: &[NewEvent]) -> Vec<String> {
        let stored = emitted.iter().filter_map(|event| {
            let identity = (event.source().to_owned(), event.id().to_owned());
            self.events.get(self.identities.get(&identity)?)
        });
        stored
            .filter(|stored| stored.parent == Some(parent))
            .map(|stored| stored.event.json().into())
            .collect()
    }
}
