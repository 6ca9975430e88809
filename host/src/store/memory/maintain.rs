//! A person's hand.

use super::MemoryStore;
use super::tables::{Hold, Key, Outcome, Pending, Tables};
use crate::event::AttemptCounts;
use crate::store::{DeadFilter, Maintain, ResultStatus, StoreError};

impl Maintain for MemoryStore {
    fn retry_dead(&self, filter: &DeadFilter) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let mut tables = self.tables();
        let chosen = tables.dead_that_fit(filter);
        for key in &chosen {
            let outcome = tables.outcomes.remove(key).expect("chosen among the outcomes");
            let counts = AttemptCounts { attempts: outcome.number, ..AttemptCounts::default() };
            tables.pending.insert(*key, Pending { hold: Hold::Waiting, counts, due_at: Some(now) });
        }
        self.bell.notify_all();
        Ok(chosen.len() as u64)
    }

    fn drop_dead(&self, filter: &DeadFilter) -> Result<u64, StoreError> {
        let mut tables = self.tables();
        let chosen = tables.dead_that_fit(filter);
        for key in &chosen {
            tables.forget(*key);
        }
        Ok(chosen.len() as u64)
    }
}

impl Tables {
    fn dead_that_fit(&self, filter: &DeadFilter) -> Vec<Key> {
        self.outcomes
            .iter()
            .filter(|(key, outcome)| self.fits(**key, outcome, filter))
            .map(|(key, _)| *key)
            .take(filter.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX)))
            .collect()
    }

    fn fits(&self, key: Key, outcome: &Outcome, filter: &DeadFilter) -> bool {
        let (event, handler) = (&self.events[&key.0].event, self.handler_name(key.1));
        let error = outcome.attempt.report.verdict.reason();
        outcome.status == ResultStatus::Dead
            && filter.event_id.as_deref().is_none_or(|id| id == event.id())
            && filter.source.as_deref().is_none_or(|source| source == event.source())
            && filter.finished_before.is_none_or(|at| outcome.attempt.finished_at < at)
            && filter.type_.as_deref().is_none_or(|type_| type_ == event.type_())
            && filter.handler.as_deref().is_none_or(|name| name == handler)
            && filter.error_contains.as_deref().is_none_or(|part| error.contains(part))
    }

    fn forget(&mut self, key: Key) {
        self.outcomes.remove(&key);
        self.attempts.retain(|(event, handler, _), _| (*event, *handler) != key);
        let is_elsewhere = |(event, _): &Key| *event == key.0;
        if self.pending.keys().any(is_elsewhere) || self.outcomes.keys().any(is_elsewhere) {
            return;
        }
        self.events.remove(&key.0);
        self.identities.retain(|_, event| *event != key.0);
    }
}
