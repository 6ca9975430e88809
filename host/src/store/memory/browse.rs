//! The read side of those who look around.

use std::collections::BTreeMap;

use super::MemoryStore;
use super::tables::{Hold, Key, Tables};
use crate::clock::UnixMillis;
use crate::store::{
    Browse, DeadFilter, DeadReason, DeadReasons, DeliveryRow, EventFilter, EventPage, EventRow, EventSeq,
    EventState, HandlerId, KnownHandler, StoreError,
};

impl Browse for MemoryStore {
    fn page_of_events(
        &self,
        filter: &EventFilter,
        before: Option<EventSeq>,
        rows_max: u32,
    ) -> Result<EventPage, StoreError> {
        let tables = self.tables();
        let left = tables.events.keys().rev().filter(|seq| before.is_none_or(|before| **seq < before));
        let rows = left.map(|seq| tables.event_row(*seq)).filter(|row| fits(row, filter));
        let rows: Vec<EventRow> = rows.take(rows_max as usize).collect();
        let next = rows.last().map(|row| row.seq).filter(|_| rows.len() == rows_max as usize);
        Ok(EventPage { rows, next })
    }

    fn dead_reasons(&self) -> Result<DeadReasons, StoreError> {
        let tables = self.tables();
        let mut by_reason: BTreeMap<(String, String), (u64, UnixMillis)> = BTreeMap::new();
        for key in tables.dead_that_fit(&DeadFilter::default()) {
            let attempt = &tables.outcomes[&key].attempt;
            let reason = (tables.handler_name(key.1).to_owned(), attempt.report.verdict.reason());
            let (events, latest_at) = by_reason.entry(reason).or_insert((0, attempt.finished_at));
            *events += 1;
            *latest_at = attempt.finished_at.max(*latest_at);
        }
        let reason =
            |((handler, error), (events, latest_at))| DeadReason { handler, error, events, latest_at };
        let mut reasons: Vec<DeadReason> = by_reason.into_iter().map(reason).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.events));
        Ok(DeadReasons { reasons, is_complete: true })
    }

    fn handlers(&self) -> Result<Vec<KnownHandler>, StoreError> {
        let tables = self.tables();
        let handlers = (1..).map(HandlerId).zip(&tables.handlers);
        Ok(handlers.map(|(id, name)| KnownHandler { id, name: name.clone() }).collect())
    }

    fn count_dead(&self, filter: &DeadFilter) -> Result<u64, StoreError> {
        Ok(self.tables().dead_that_fit(filter).len() as u64)
    }
}

fn fits(row: &EventRow, filter: &EventFilter) -> bool {
    let has = |state: &[&str]| row.deliveries.iter().any(|delivery| state.contains(&delivery.state));
    filter.id.as_deref().is_none_or(|id| id == row.id)
        && filter.source.as_deref().is_none_or(|source| source == row.source)
        && filter.type_.as_deref().is_none_or(|type_| type_ == row.type_)
        && filter
            .handler
            .as_deref()
            .is_none_or(|name| row.deliveries.iter().any(|delivery| delivery.handler == name))
        && match filter.state {
            None => true,
            Some(EventState::Unsettled) => has(&["pending", "leased"]),
            Some(EventState::Ok) => has(&["ok"]),
            Some(EventState::Dead) => has(&["dead"]),
            Some(EventState::Unmatched) => row.deliveries.is_empty(),
        }
}

impl Tables {
    fn event_row(&self, seq: EventSeq) -> EventRow {
        let stored = &self.events[&seq];
        let of_event = |key: &Key| key.0 == seq;
        let pending = self.pending.iter().filter(|(key, _)| of_event(key)).map(|(key, pending)| {
            let state = if pending.hold == Hold::Waiting { "pending" } else { "leased" };
            (*key, DeliveryRow { handler: self.handler_name(key.1).to_owned(), state, error: None })
        });
        let settled = self.outcomes.iter().filter(|(key, _)| of_event(key)).map(|(key, outcome)| {
            let (handler, state) = (self.handler_name(key.1).to_owned(), outcome.status.as_str());
            (*key, DeliveryRow { handler, state, error: outcome.error() })
        });
        let deliveries: BTreeMap<Key, DeliveryRow> = pending.chain(settled).collect();
        EventRow {
            seq,
            id: stored.event.id().into(),
            source: stored.event.source().into(),
            type_: stored.event.type_().into(),
            accepted_at: stored.accepted_at,
            deliveries: deliveries.into_values().collect(),
        }
    }
}
