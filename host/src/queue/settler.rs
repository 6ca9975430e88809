//! The settler: gathers ended attempts and settles them together, as many as came while the last
//! commit ran.

use std::time::SystemTime;

use crossbeam_channel::Receiver;

use super::in_flight::Held;
use super::shared::Shared;
use crate::clock::UnixMillis;
use crate::event::Settlement;
use crate::store::{LeaseId, SettleFate, Settled, StoreError};

/// Attempts in one settlement.
const BATCH_MAX: usize = 4096;

/// An attempt that ran, decided and ready to be recorded.
pub struct Finished {
    pub settled: Settled,
    pub accepted_at: UnixMillis,
    /// The settlement's `finished_at`, as finely as the machine tells it.
    pub ended_at: SystemTime,
    /// The event's JSON, for whoever wants to show the result.
    pub event: Box<str>,
}

/// What a worker did with a lease.
pub enum Ended {
    Finished(Box<Finished>),
    /// The queue was stopped, or its handler paused, before its turn came.
    Unbegun {
        lease: LeaseId,
        event_bytes: u64,
    },
}

/// Who is told of every recorded settlement, on the settler's thread. In two steps, so that nothing is
/// copied when nobody listens: what to tell is noted before the settlements are handed over, and told
/// once they are durable.
pub trait Announcer: Send {
    /// Notes one settlement of the commit to come.
    fn note(&mut self, finished: &Finished);

    /// Tells of the noted settlements: one fate each, in order.
    fn tell(&mut self, fates: &[SettleFate]);
}

/// Settles until every worker has ended.
pub fn run(shared: &Shared, ended: &Receiver<Ended>, mut announcer: Option<Box<dyn Announcer>>) {
    while let Ok(first) = ended.recv() {
        let batch: Vec<Ended> = std::iter::once(first).chain(ended.try_iter()).take(BATCH_MAX).collect();
        // After a storage failure nothing more is settled: the leases end with this process, and
        // the next one finds the events.
        let held: Vec<Held> = batch.iter().map(held).collect();
        if shared.failure().is_none()
            && let Err(error) = settle(shared, batch, announcer.as_deref_mut())
        {
            shared.fail(error);
        }
        shared.company.settled();
        let is_empty = shared.in_flight.settled(held.into_iter());
        if is_empty && shared.is_draining() {
            shared.store.wake(shared.registered.handler);
        }
    }
}

fn held(ended: &Ended) -> Held {
    match ended {
        Ended::Finished(finished) => {
            Held { event_bytes: finished.event.len() as u64, result_bytes: finished.result_bytes() }
        }
        Ended::Unbegun { event_bytes, .. } => Held { event_bytes: *event_bytes, result_bytes: 0 },
    }
}

fn settle(
    shared: &Shared,
    batch: Vec<Ended>,
    announcer: Option<&mut (dyn Announcer + 'static)>,
) -> Result<(), StoreError> {
    let (mut finished, mut unbegun) = (Vec::with_capacity(batch.len()), Vec::new());
    for ended in batch {
        match ended {
            Ended::Finished(one) => finished.push(*one),
            Ended::Unbegun { lease, .. } => unbegun.push(lease),
        }
    }
    if !unbegun.is_empty() {
        shared.store.release(unbegun)?;
    }
    settle_finished(shared, finished, announcer)
}

/// Records ended attempts and tells of those that were recorded.
fn settle_finished(
    shared: &Shared,
    finished: Vec<Finished>,
    mut announcer: Option<&mut (dyn Announcer + 'static)>,
) -> Result<(), StoreError> {
    if finished.is_empty() {
        return Ok(());
    }
    if let Some(announcer) = announcer.as_deref_mut() {
        finished.iter().for_each(|one| announcer.note(one));
    }
    let settlements: Vec<Settlement> = finished.iter().map(|one| one.settled.settlement).collect();
    let fates = shared.store.settle(finished.into_iter().map(|one| one.settled).collect())?;
    for (settlement, _) in settlements.iter().zip(&fates).filter(|(_, fate)| is_recorded(fate)) {
        count(shared, *settlement);
    }
    if let Some(announcer) = announcer {
        announcer.tell(&fates);
    }
    Ok(())
}

fn is_recorded(fate: &SettleFate) -> bool {
    matches!(fate, SettleFate::Recorded { .. })
}

fn count(shared: &Shared, settlement: Settlement) {
    shared.tally.attempts.add(1);
    match settlement {
        Settlement::Done => shared.tally.ok.add(1),
        Settlement::Dead => shared.tally.dead.add(1),
        Settlement::RetryAt(_) => {}
    }
}
