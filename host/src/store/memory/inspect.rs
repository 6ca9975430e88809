//! The read side.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::MemoryStore;
use super::tables::{Attempt, Hold, Key, Outcome, Pending, Tables};
use crate::clock::UnixMillis;
use crate::event::{Output, Report, Verdict};
use crate::store::{
    AttemptDetail, DeliveryDetail, DeliveryState, EventDetail, EventSeq, Extent, Inspect, PageFrom,
    RecordedModule, RecordedPage, ResultFilter, ResultKey, ResultPage, ResultRow, ResultStatus, Stats,
    StoreError, StoredOutput,
};

/// As many reasons as the contract names.
const DEAD_REASONS_MAX: usize = 10;

impl Inspect for MemoryStore {
    fn results(
        &self,
        filter: &ResultFilter,
        each: &mut dyn FnMut(ResultRow) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let tables = self.tables();
        let rows = tables.outcomes.iter().map(|(key, outcome)| tables.result(*key, outcome));
        let limit = filter.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let _ = rows.filter(|row| fits(row, filter)).take(limit).try_for_each(each);
        Ok(())
    }

    fn events(&self, id: &str, source: Option<&str>) -> Result<Vec<EventDetail>, StoreError> {
        let tables = self.tables();
        let found = tables.events.iter().filter(|(_, stored)| {
            stored.event.id() == id && source.is_none_or(|source| source == stored.event.source())
        });
        Ok(found.map(|(seq, _)| tables.event(*seq)).collect())
    }

    fn page_of_results(
        &self,
        filter: &ResultFilter,
        from: PageFrom,
        rows_max: u32,
    ) -> Result<ResultPage, StoreError> {
        let tables = self.tables();
        let is_left = |(event, handler): &Key| match from {
            PageFrom::Latest => true,
            PageFrom::After(key) => ResultKey { event: *event, handler: *handler } < key,
        };
        let left = tables.outcomes.iter().rev().filter(|(key, _)| is_left(key));
        let rows = left.map(|(key, outcome)| (*key, tables.result(*key, outcome)));
        let found: Vec<_> = rows.filter(|(_, row)| fits(row, filter)).take(rows_max as usize).collect();
        let last = found.last().map(|((event, handler), _)| ResultKey { event: *event, handler: *handler });
        let next = last.filter(|_| found.len() == rows_max as usize);
        Ok(ResultPage { rows: found.into_iter().map(|(_, row)| row).collect(), next })
    }

    fn oldest_pending_at(&self) -> Result<Option<UnixMillis>, StoreError> {
        Ok(self.tables().stats().oldest_pending_at)
    }

    fn result_of(&self, source: &str, id: &str, handler: &str) -> Result<Option<ResultRow>, StoreError> {
        let tables = self.tables();
        let mut rows = tables.outcomes.iter().map(|(key, outcome)| tables.result(*key, outcome));
        Ok(rows.find(|row| row.source == source && row.event_id == id && row.handler == handler))
    }

    fn stats(&self) -> Result<Stats, StoreError> {
        Ok(self.tables().stats())
    }

    fn extent(&self) -> Result<Extent, StoreError> {
        let tables = self.tables();
        let bytes = tables.events.values().map(|stored| stored.event.json().len() as u64).sum();
        Ok(Extent { events: tables.events.len() as u64, bytes })
    }

    fn modules(&self) -> Result<Vec<RecordedModule>, StoreError> {
        Ok(self.tables().recorded_modules())
    }

    fn newest_event(&self) -> Result<Option<EventSeq>, StoreError> {
        Ok(self.tables().events.keys().next_back().copied())
    }

    fn recorded(&self, events: &[EventSeq], bytes_max: u64) -> Result<RecordedPage, StoreError> {
        Ok(self.tables().recorded(events, bytes_max))
    }

    fn module_bytes(&self, sha256: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.tables().module_bytes.get(sha256).map(|bytes| bytes.to_vec()))
    }
}

fn fits(row: &ResultRow, filter: &ResultFilter) -> bool {
    let error = row.error.as_deref().unwrap_or_default();
    filter.status.is_none_or(|status| status == row.status)
        && filter.type_.as_ref().is_none_or(|type_| *type_ == row.type_)
        && filter.handler.as_ref().is_none_or(|handler| *handler == row.handler)
        && filter.since.is_none_or(|since| row.finished_at >= since)
        && filter.until.is_none_or(|until| row.finished_at < until)
        && filter.error_contains.as_ref().is_none_or(|part| row.error.is_some() && error.contains(part))
        && filter.error_is.as_ref().is_none_or(|text| row.error.as_ref() == Some(text))
}

impl Outcome {
    pub fn output(&self) -> StoredOutput {
        match &self.attempt.report.verdict {
            Verdict::Ok { output: Output::Json(text), .. } => StoredOutput::Json(text.to_string()),
            Verdict::Ok { output: Output::Bytes(bytes), .. } => StoredOutput::Bytes(bytes.to_vec()),
            _ => StoredOutput::None,
        }
    }

    pub fn error(&self) -> Option<String> {
        (self.status == ResultStatus::Dead).then(|| self.attempt.report.verdict.reason())
    }
}

impl Tables {
    fn result(&self, (seq, handler): Key, outcome: &Outcome) -> ResultRow {
        let event = &self.events[&seq].event;
        ResultRow {
            event_id: event.id().into(),
            source: event.source().into(),
            type_: event.type_().into(),
            handler: self.handler_name(handler).into(),
            handler_sha256: hex::encode(self.module(outcome.attempt.module).sha256),
            status: outcome.status,
            output: outcome.output(),
            error: outcome.error(),
            attempts: outcome.number,
            figures: outcome.attempt.report.figures,
            finished_at: outcome.attempt.finished_at,
        }
    }

    fn event(&self, seq: EventSeq) -> EventDetail {
        let stored = &self.events[&seq];
        let pending = self.pending.iter().map(|(key, pending)| (*key, pending_state(pending)));
        let settled = self.outcomes.iter().map(|(key, outcome)| (*key, settled_state(outcome)));
        let states: BTreeMap<Key, DeliveryState> = pending.chain(settled).collect();
        let deliveries =
            states.into_iter().filter(|(key, _)| key.0 == seq).map(|(key, state)| DeliveryDetail {
                handler: self.handler_name(key.1).into(),
                state,
                attempts: self.attempts_of(key),
            });
        EventDetail {
            seq,
            json: stored.event.json().into(),
            accepted_at: stored.accepted_at,
            hops: stored.event.hops(),
            deliveries: deliveries.collect(),
        }
    }

    fn attempts_of(&self, (seq, handler): Key) -> Vec<AttemptDetail> {
        let attempts = self.attempts.range((seq, handler, 0)..=(seq, handler, u32::MAX));
        attempts.map(|((_, _, number), attempt)| self.attempt(*number, attempt)).collect()
    }

    fn attempt(&self, number: u32, attempt: &Attempt) -> AttemptDetail {
        let Attempt { module, report: Report { verdict, figures, logs, exchanges }, finished_at } = attempt;
        let module = self.module(*module);
        AttemptDetail {
            number,
            verdict: verdict.code().into(),
            message: verdict.message(),
            backtrace: verdict.backtrace().map(str::to_owned),
            logs: logs.iter().map(|line| (line.level.as_str().into(), line.text.to_string())).collect(),
            handler_sha256: hex::encode(module.sha256),
            engine: module.engine.clone(),
            limits: Some(module.limits),
            figures: *figures,
            finished_at: *finished_at,
            exchanges: exchanges.clone(),
        }
    }

    fn stats(&self) -> Stats {
        let is_waiting = |pending: &&Pending| pending.hold == Hold::Waiting;
        let ended = |status| self.outcomes.values().filter(|outcome| outcome.status == status).count() as u64;
        let oldest = self.pending.iter().find(|(_, pending)| is_waiting(pending));
        Stats {
            events: self.events.len() as u64,
            rejected: self.rejected.len() as u64,
            pending: self.pending.values().filter(is_waiting).count() as u64,
            leased: self.pending.values().filter(|pending| !is_waiting(pending)).count() as u64,
            ok: ended(ResultStatus::Ok),
            dead: ended(ResultStatus::Dead),
            unmatched: self.unmatched.len() as u64,
            paused: self.paused_handlers(),
            oldest_pending_at: oldest.map(|(key, _)| self.events[&key.0].accepted_at),
            modules: self.results_by_module(),
            dead_reasons: self.dead_reasons(),
            database_bytes: self.events.values().map(|stored| stored.event.json().len() as u64).sum(),
        }
    }

    fn paused_handlers(&self) -> Vec<String> {
        let mut names: Vec<String> = self.paused.iter().map(|id| self.handler_name(*id).to_owned()).collect();
        names.sort();
        names
    }

    fn results_by_module(&self) -> Vec<(String, String, u64, u64)> {
        let mut counts = BTreeMap::new();
        for outcome in self.outcomes.values() {
            let module = self.module(outcome.attempt.module);
            let (ok, dead) = counts.entry((&module.handler, outcome.attempt.module)).or_insert((0, 0));
            *(if outcome.status == ResultStatus::Ok { ok } else { dead }) += 1;
        }
        let sha256 = |module| hex::encode(self.module(module).sha256);
        let entries = counts.into_iter();
        entries.map(|((handler, module), (ok, dead))| (handler.clone(), sha256(module), ok, dead)).collect()
    }

    fn dead_reasons(&self) -> Vec<(String, u64)> {
        let mut counts = BTreeMap::new();
        for error in self.outcomes.values().filter_map(Outcome::error) {
            *counts.entry(error).or_insert(0) += 1;
        }
        let mut reasons: Vec<(String, u64)> = counts.into_iter().collect();
        // Stable: reasons with the same count stay in the order of their text.
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        reasons.truncate(DEAD_REASONS_MAX);
        reasons
    }
}

fn pending_state(pending: &Pending) -> DeliveryState {
    let attempts = pending.counts.attempts;
    match pending.hold {
        Hold::Waiting => DeliveryState::Pending { attempts, due_at: pending.due_at },
        _ => DeliveryState::Leased { attempt: attempts },
    }
}

fn settled_state(outcome: &Outcome) -> DeliveryState {
    DeliveryState::Settled { status: outcome.status, output: outcome.output(), error: outcome.error() }
}
