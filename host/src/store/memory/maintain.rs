//! A person's hand.

use super::MemoryStore;
use super::tables::{Hold, Key, Outcome, Pending, Tables};
use crate::clock::UnixMillis;
use crate::event::{AttemptCounts, Report, Settlement};
use crate::store::{
    Activity, Cancelled, DeadFilter, HandlerId, Maintain, ModuleId, ResultStatus, Settled, StoreError,
};

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

    fn cancel(&self, source: &str, id: &str, handler: Option<&str>) -> Result<Cancelled, StoreError> {
        let now = self.clock.now();
        let mut tables = self.tables();
        let mut cancelled = Cancelled::default();
        for key in tables.open_deliveries(source, id, handler) {
            if tables.pending[&key].hold == Hold::Waiting {
                tables.cancel(key, now);
                cancelled.handlers.push(tables.handler_name(key.1).to_owned());
            } else {
                cancelled.running += 1;
            }
        }
        Ok(cancelled)
    }

    fn set_activity(&self, handler: HandlerId, activity: Activity) -> Result<(), StoreError> {
        let mut tables = self.tables();
        match activity {
            Activity::Running => tables.paused.remove(&handler),
            Activity::Paused => tables.paused.insert(handler),
        };
        Ok(())
    }
}

impl Tables {
    fn open_deliveries(&self, source: &str, id: &str, handler: Option<&str>) -> Vec<Key> {
        let Some(seq) = self.identities.get(&(source.to_owned(), id.to_owned())) else { return Vec::new() };
        let open = self.pending.keys().filter(|(event, _)| event == seq).copied();
        open.filter(|(_, at)| handler.is_none_or(|name| name == self.handler_name(*at))).collect()
    }

    /// An attempt that nobody runs.
    fn cancel(&mut self, key: Key, now: UnixMillis) {
        let leased = self.lease(key);
        let handler = self.handler_name(key.1);
        let last = self.modules.iter().rposition(|module| module.handler == handler);
        let settled = Settled {
            lease: leased.id,
            counts: leased.counts,
            event_bytes: leased.json.len() as u64,
            module: ModuleId(last.map_or(0, |place| place as i64 + 1)),
            settlement: Settlement::Dead,
            report: Report::cancelled(),
            routes: Vec::new(),
            finished_at: now,
        };
        self.settle(settled, now);
    }

    pub fn dead_that_fit(&self, filter: &DeadFilter) -> Vec<Key> {
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
            && filter.error_is.as_deref().is_none_or(|text| text == error)
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
