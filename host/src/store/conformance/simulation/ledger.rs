//! What the walk itself knows of the events it gave: written down from the answers alone, and far
//! simpler than a store. The invariants compare a store with it.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::UnixMillis;
use crate::event::{AttemptCounts, Settlement, Verdict};
use crate::store::{EventSeq, HandlerId, LeaseId};

/// Source and id.
pub type Identity = (String, String);

pub type Key = (EventSeq, HandlerId);

/// Where an event stands at a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Waits,
    Held,
    /// Its owner is gone, and nobody has been given it since.
    Orphaned,
    Done,
    Dead,
}

/// One event at one handler.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub standing: Standing,
    pub counts: AttemptCounts,
    /// `None`: at once.
    pub due_at: Option<UnixMillis>,
    /// The highest number of an attempt that was seen to end.
    pub ended_attempt: u32,
}

#[derive(Debug, Default)]
pub struct Ledger {
    pub numbers: BTreeMap<Identity, EventSeq>,
    pub deliveries: BTreeMap<Key, Delivery>,
    /// The highest number given to an event.
    pub highest: Option<EventSeq>,
    /// What was emitted by settlements that were not recorded.
    pub unrecorded: BTreeSet<Identity>,
    pub rejected: u64,
}

impl Ledger {
    pub fn has(&self, identity: &Identity, handler: HandlerId) -> bool {
        self.numbers.get(identity).is_some_and(|seq| self.deliveries.contains_key(&(*seq, handler)))
    }

    pub fn delivery(&self, lease: LeaseId) -> Option<&Delivery> {
        self.deliveries.get(&(lease.event, lease.handler))
    }

    pub fn holds(&self, lease: LeaseId) -> bool {
        self.delivery(lease).is_some_and(|delivery| {
            matches!(delivery.standing, Standing::Held | Standing::Orphaned)
                && delivery.counts.attempts == lease.attempt
        })
    }

    /// So many of the oldest events.
    pub fn oldest(&self, count: usize) -> Vec<(Identity, EventSeq)> {
        let mut known: Vec<_> = self.numbers.iter().map(|(identity, seq)| (identity.clone(), *seq)).collect();
        known.sort_by_key(|(_, seq)| *seq);
        known.truncate(count);
        known
    }

    /// Whether it went well at every handler that has it.
    pub fn is_over(&self, event: EventSeq) -> bool {
        let its = self.deliveries.iter().filter(|((seq, _), _)| *seq == event);
        its.map(|(_, delivery)| delivery.standing).all(|standing| standing == Standing::Done)
    }

    pub fn forget(&mut self, event: EventSeq) {
        self.deliveries.retain(|(seq, _), _| *seq != event);
        self.numbers.retain(|_, seq| *seq != event);
    }

    pub fn events(&self) -> u64 {
        self.numbers.len() as u64
    }

    pub fn count(&self, standing: Standing) -> u64 {
        self.deliveries.values().filter(|delivery| delivery.standing == standing).count() as u64
    }

    /// Those of these handlers that have not had the event.
    pub fn new_to(&self, identity: &Identity, handlers: &[HandlerId]) -> Vec<HandlerId> {
        handlers.iter().filter(|handler| !self.has(identity, **handler)).copied().collect()
    }

    /// An event that was known when it was queued for further handlers waits for its time, which has
    /// come.
    pub fn accept(&mut self, identity: Identity, seq: EventSeq, new_to: &[HandlerId], now: UnixMillis) {
        let was_known = self.numbers.insert(identity, seq).is_some();
        self.highest = self.highest.max(Some(seq));
        for handler in new_to {
            let delivery = Delivery {
                standing: Standing::Waits,
                counts: AttemptCounts::default(),
                due_at: was_known.then_some(now),
                ended_attempt: 0,
            };
            self.deliveries.insert((seq, *handler), delivery);
        }
    }

    /// Events that no handler has.
    pub fn unmatched(&self) -> u64 {
        let has_it: BTreeSet<EventSeq> = self.deliveries.keys().map(|(seq, _)| *seq).collect();
        self.numbers.values().filter(|seq| !has_it.contains(seq)).count() as u64
    }

    /// The deliveries of an event, at all handlers or one, that nobody holds.
    pub fn waiting(&self, identity: &Identity, handler: Option<HandlerId>) -> Vec<Key> {
        let Some(seq) = self.numbers.get(identity) else { return Vec::new() };
        let its = self.deliveries.iter().filter(|(key, _)| key.0 == *seq);
        let waiting = its.filter(|(_, delivery)| delivery.standing == Standing::Waits).map(|(key, _)| *key);
        waiting.filter(|(_, at)| handler.is_none_or(|handler| handler == *at)).collect()
    }

    /// As if an attempt had been claimed and had ended dead.
    pub fn cancel(&mut self, key: Key) {
        let delivery = self.deliveries.get_mut(&key).expect("it waits");
        delivery.counts.attempts += 1;
        delivery.ended_attempt = delivery.counts.attempts;
        delivery.standing = Standing::Dead;
    }

    pub fn claim(&mut self, lease: LeaseId) {
        let delivery = self.deliveries.get_mut(&(lease.event, lease.handler)).expect("it was checked");
        delivery.standing = Standing::Held;
        delivery.counts.attempts = lease.attempt;
        delivery.due_at = None;
    }

    /// An orphan is given to be settled; its attempt was counted when it was claimed.
    pub fn take_orphan(&mut self, lease: LeaseId) {
        let delivery = self.deliveries.get_mut(&(lease.event, lease.handler)).expect("it was checked");
        delivery.standing = Standing::Held;
    }

    pub fn release(&mut self, lease: LeaseId, now: UnixMillis) {
        if self.holds(lease) {
            let delivery = self.deliveries.get_mut(&(lease.event, lease.handler)).expect("it is held");
            delivery.standing = Standing::Waits;
            delivery.counts.attempts -= 1;
            delivery.due_at = Some(now);
        }
    }

    pub fn settle(&mut self, lease: LeaseId, settlement: Settlement, verdict: &Verdict) {
        let delivery = self.deliveries.get_mut(&(lease.event, lease.handler)).expect("it is held");
        delivery.ended_attempt = lease.attempt;
        match settlement {
            Settlement::Done => delivery.standing = Standing::Done,
            Settlement::Dead => delivery.standing = Standing::Dead,
            Settlement::RetryAt(at) => {
                delivery.standing = Standing::Waits;
                delivery.counts = delivery.counts.after(verdict);
                delivery.due_at = Some(at);
            }
        }
    }

    pub fn crash(&mut self) {
        for delivery in self.deliveries.values_mut() {
            if delivery.standing == Standing::Held {
                delivery.standing = Standing::Orphaned;
            }
        }
    }

    pub fn dead(&self, fits: impl Fn(&Identity, HandlerId) -> bool) -> Vec<Key> {
        let identities: BTreeMap<EventSeq, &Identity> =
            self.numbers.iter().map(|(identity, seq)| (*seq, identity)).collect();
        let dead = self.deliveries.iter().filter(|(_, delivery)| delivery.standing == Standing::Dead);
        dead.map(|(key, _)| *key).filter(|(seq, handler)| fits(identities[seq], *handler)).collect()
    }

    pub fn retry_dead(&mut self, key: Key, now: UnixMillis) {
        let delivery = self.deliveries.get_mut(&key).expect("it is dead");
        delivery.standing = Standing::Waits;
        delivery.counts = AttemptCounts { attempts: delivery.ended_attempt, ..AttemptCounts::default() };
        delivery.due_at = Some(now);
    }

    /// An event that no handler has any more is forgotten, and may come again as new.
    pub fn drop_dead(&mut self, key: Key) {
        self.deliveries.remove(&key);
        if !self.deliveries.keys().any(|(seq, _)| *seq == key.0) {
            self.numbers.retain(|_, seq| *seq != key.0);
        }
    }
}
