//! The queue's side.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::MemoryStore;
use super::tables::{Attempt, Hold, Key, Outcome, Tables};
use crate::clock::UnixMillis;
use crate::event::{Settlement, Verdict};
use crate::store::{
    Activity, Addressed, Claim, EnqueueFate, HandlerId, Lease, LeaseId, Leased, ModuleId, ModuleIdentity,
    Registered, ResultStatus, Room, SUSPECT_LOSSES_MIN, SettleFate, Settled, StoreError,
};

/// How often a waiting claim looks at the clock, which can be set or moved.
const CLOCK_LOOK: Duration = Duration::from_millis(50);

impl Lease for MemoryStore {
    fn register(&self, module: &ModuleIdentity, bytes: Arc<[u8]>) -> Result<Registered, StoreError> {
        let mut tables = self.tables();
        tables.module_bytes.entry(module.sha256).or_insert(bytes);
        let handler = HandlerId(place_of(&mut tables.handlers, &module.handler));
        let module = ModuleId(place_of(&mut tables.modules, module));
        let is_paused = tables.paused.contains(&handler);
        let activity = if is_paused { Activity::Paused } else { Activity::Running };
        Ok(Registered { handler, module, activity })
    }

    fn claim(&self, handler: HandlerId, room: Room, wait: Duration) -> Result<Claim, StoreError> {
        let until = Instant::now() + wait;
        let mut tables = self.tables();
        loop {
            let claim = tables.claim(handler, room, self.clock.now());
            let left = until.saturating_duration_since(Instant::now());
            let is_woken = tables.woken.remove(&handler);
            if !claim.leases.is_empty() || is_woken || left.is_zero() {
                return Ok(claim);
            }
            let rung = self.bell.wait_timeout(tables, left.min(CLOCK_LOOK));
            tables = rung.unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
    }

    fn claim_suspect(&self, handler: HandlerId) -> Result<Option<Leased>, StoreError> {
        let mut tables = self.tables();
        let due = tables.due(handler, self.clock.now());
        let suspect = due.into_iter().find(|key| tables.pending[key].counts.losses >= SUSPECT_LOSSES_MIN);
        Ok(suspect.map(|key| tables.lease(key)))
    }

    fn wake(&self, handler: HandlerId) {
        self.tables().woken.insert(handler);
        self.bell.notify_all();
    }

    fn orphans(&self, handler: HandlerId) -> Result<Vec<Leased>, StoreError> {
        let mut tables = self.tables();
        let mut orphans = Vec::new();
        for (key, pending) in &mut tables.pending {
            if key.1 == handler && pending.hold == Hold::Orphaned {
                pending.hold = Hold::OrphanGiven;
                orphans.push(*key);
            }
        }
        Ok(orphans.into_iter().map(|key| tables.leased(key)).collect())
    }

    fn release(&self, leases: Vec<LeaseId>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tables = self.tables();
        leases.into_iter().for_each(|lease| tables.release(lease, now));
        self.bell.notify_all();
        Ok(())
    }

    fn settle(&self, batch: Vec<Settled>) -> Result<Vec<SettleFate>, StoreError> {
        let now = self.clock.now();
        let mut tables = self.tables();
        let fates = batch.into_iter().map(|settled| tables.settle(settled, now)).collect();
        self.bell.notify_all();
        Ok(fates)
    }
}

/// The place of an item in a list, counted from 1; it is added if it is new.
fn place_of<T: PartialEq + Clone>(list: &mut Vec<T>, item: &T) -> i64 {
    let place = list.iter().position(|known| known == item).unwrap_or_else(|| {
        list.push(item.clone());
        list.len() - 1
    });
    i64::try_from(place + 1).expect("a list in memory is shorter than 2^63")
}

impl Tables {
    fn claim(&mut self, handler: HandlerId, room: Room, now: UnixMillis) -> Claim {
        let mut leases: Vec<Leased> = Vec::new();
        let mut bytes = 0;
        for key in self.in_turn(handler, now) {
            bytes += self.events[&key.0].event.json().len() as u64;
            let fits = leases.len() < room.events_max && (leases.is_empty() || bytes <= room.bytes_max);
            if !fits {
                break;
            }
            leases.push(self.lease(key));
        }
        Claim { leases, next_due_at: self.next_due_at(handler) }
    }

    /// What is due, in the order of a claim: what had to wait for its time by that time, then new
    /// events.
    fn in_turn(&self, handler: HandlerId, now: UnixMillis) -> Vec<Key> {
        let mut due = self.due(handler, now);
        due.sort_by_key(|key| self.pending[key].due_at.map_or((true, now), |due_at| (false, due_at)));
        due
    }

    /// Events that wait and whose time has come, oldest first.
    fn due(&self, handler: HandlerId, now: UnixMillis) -> Vec<Key> {
        let waiting = self.pending.iter().filter(|(key, _)| key.1 == handler);
        waiting
            .filter(|(_, pending)| pending.hold == Hold::Waiting && pending.due_at.is_none_or(|at| at <= now))
            .map(|(key, _)| *key)
            .collect()
    }

    fn next_due_at(&self, handler: HandlerId) -> Option<UnixMillis> {
        let waiting = self.pending.iter().filter(|(key, _)| key.1 == handler);
        waiting
            .filter(|(_, pending)| pending.hold == Hold::Waiting)
            .filter_map(|(_, pending)| pending.due_at)
            .min()
    }

    pub fn lease(&mut self, key: Key) -> Leased {
        let pending = self.pending.get_mut(&key).expect("only a pending event is leased");
        pending.hold = Hold::Leased;
        pending.counts.attempts += 1;
        pending.due_at = None;
        self.leased(key)
    }

    fn leased(&self, key: Key) -> Leased {
        let (stored, counts) = (&self.events[&key.0], self.pending[&key].counts);
        Leased {
            id: LeaseId { event: key.0, handler: key.1, attempt: counts.attempts },
            counts,
            accepted_at: stored.accepted_at,
            hops: stored.event.hops(),
            json: stored.event.json().into(),
        }
    }

    fn release(&mut self, lease: LeaseId, now: UnixMillis) {
        if !self.is_held(lease) {
            return;
        }
        let key = (lease.event, lease.handler);
        let pending = self.pending.get_mut(&key).expect("a lease that is held has its row");
        pending.hold = Hold::Waiting;
        pending.counts.attempts -= 1;
        pending.due_at = Some(now);
    }

    pub fn settle(&mut self, settled: Settled, now: UnixMillis) -> SettleFate {
        let Settled { lease, module, settlement, report, routes, finished_at, .. } = settled;
        if !self.is_held(lease) {
            return SettleFate::LeaseLost;
        }
        let key = (lease.event, lease.handler);
        let attempt = Attempt { module, report, finished_at };
        self.attempts.insert((lease.event, lease.handler, lease.attempt), attempt.clone());
        match settlement {
            Settlement::RetryAt(at) => self.put_back(key, &attempt, at),
            Settlement::Done => self.end(key, ResultStatus::Ok, lease.attempt, attempt.clone()),
            Settlement::Dead => self.end(key, ResultStatus::Dead, lease.attempt, attempt.clone()),
        }
        let emitted = match (settlement, attempt.report.verdict) {
            (Settlement::Done, Verdict::Ok { emitted, .. }) => emitted,
            _ => Vec::new(),
        };
        let fates = Addressed::each(emitted, routes).map(|event| self.enqueue(event, Some(lease.event), now));
        SettleFate::Recorded { emitted: fates.map(EnqueueFate::deliveries).sum() }
    }

    fn is_held(&self, lease: LeaseId) -> bool {
        self.pending
            .get(&(lease.event, lease.handler))
            .is_some_and(|pending| pending.hold != Hold::Waiting && pending.counts.attempts == lease.attempt)
    }

    fn put_back(&mut self, key: Key, attempt: &Attempt, at: UnixMillis) {
        let pending = self.pending.get_mut(&key).expect("a lease that is held has its row");
        pending.hold = Hold::Waiting;
        pending.counts = pending.counts.after(&attempt.report.verdict);
        pending.due_at = Some(at);
    }

    fn end(&mut self, key: Key, status: ResultStatus, number: u32, attempt: Attempt) {
        self.pending.remove(&key);
        self.outcomes.insert(key, Outcome { status, number, attempt });
    }
}
