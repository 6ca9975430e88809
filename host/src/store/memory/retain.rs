//! Forgetting what is over.

use super::MemoryStore;
use super::tables::{Key, Tables};
use crate::clock::UnixMillis;
use crate::store::{Bite, Bitten, EventSeq, ResultStatus, Retain, StoreError};

impl Retain for MemoryStore {
    fn forget(&self, bite: Bite) -> Result<Bitten, StoreError> {
        let mut tables = self.tables();
        let after = tables.events.range(EventSeq(bite.after.0 + 1)..);
        let looked: Vec<EventSeq> = after.map(|(seq, _)| *seq).take(bite.events_max as usize).collect();
        let over: Vec<EventSeq> =
            looked.iter().filter(|seq| tables.is_over(**seq, bite.before)).copied().collect();
        let is_old = |seq: &&EventSeq| tables.events[*seq].accepted_at < bite.before;
        let next = looked.last().filter(|_| looked.len() == bite.events_max as usize).filter(is_old).copied();
        over.iter().for_each(|seq| tables.forget_event(*seq));
        Ok(Bitten { forgotten: over.len() as u64, next })
    }

    fn forget_rejected(&self, before: UnixMillis, rows_max: u32) -> Result<u64, StoreError> {
        let rejected = &mut self.tables().rejected;
        let window = rejected.len().min(rows_max as usize);
        let young = rejected.drain(..window).filter(|(at, _)| *at >= before).collect::<Vec<_>>();
        let forgotten = window - young.len();
        rejected.splice(0..0, young);
        Ok(forgotten as u64)
    }
}

impl Tables {
    fn is_over(&self, event: EventSeq, before: UnixMillis) -> bool {
        let of_event = |(seq, _): &Key| *seq == event;
        let mut outcomes = self.outcomes.iter().filter(|(key, _)| of_event(key)).map(|(_, outcome)| outcome);
        self.events[&event].accepted_at < before
            && !self.pending.keys().any(of_event)
            && outcomes
                .all(|outcome| outcome.status != ResultStatus::Dead && outcome.attempt.finished_at < before)
    }

    fn forget_event(&mut self, event: EventSeq) {
        self.outcomes.retain(|(seq, _), _| *seq != event);
        self.attempts.retain(|(seq, ..), _| *seq != event);
        self.unmatched.remove(&event);
        self.events.remove(&event);
        self.identities.retain(|_, seq| *seq != event);
    }
}
