//! The dispatcher: claims as many events as there is room for and hands them to the workers.

use std::time::Duration;

use crossbeam_channel::Sender;

use super::company::Rest;
use super::settler::Ended;
use super::shared::Shared;
use super::{WhenDrained, recovery};
use crate::store::{Claim, Leased, StoreError};

/// Longest wait of one claim. The store ends it when an event comes; this only bounds it.
const CLAIM_WAIT: Duration = Duration::from_secs(1);

/// Recovers what an earlier process left, then dispatches until the queue ends. Dropping the senders
/// at the end is what ends the workers and, after them, the settler.
pub fn run(shared: &Shared, to_workers: Sender<Leased>, to_settler: Sender<Ended>) {
    let ended = recovery::run(shared, &to_settler, &to_workers).and_then(|()| dispatch(shared, &to_workers));
    if let Err(error) = ended {
        shared.fail(error);
    }
}

fn dispatch(shared: &Shared, to_workers: &Sender<Leased>) -> Result<(), StoreError> {
    let mut awaits_retry = false;
    while !shared.is_stopping() {
        if shared.switch.is_off() {
            shared.wait_while_paused();
            continue;
        }
        let Some(room) = shared.in_flight.room() else { continue };
        // All are read before the claim: what is enqueued or emitted later, the claim sees.
        let seen = shared.company.seen();
        let is_last_look = shared.is_draining() && shared.in_flight.is_empty();
        let wait = if is_last_look && !awaits_retry { Duration::ZERO } else { CLAIM_WAIT };
        let claim = shared.store.claim(shared.registered.handler, room, wait)?;
        awaits_retry = awaits_a_retry(shared, &claim);
        if is_last_look && claim.leases.is_empty() && !awaits_retry {
            match shared.company.rest(seen) {
                Rest::Over => return Ok(()),
                Rest::LookAgain => continue,
            }
        }
        hand_over(shared, claim.leases, to_workers);
    }
    Ok(())
}

/// Whether the queue has to stay for an event whose time has not come.
fn awaits_a_retry(shared: &Shared, claim: &Claim) -> bool {
    match shared.when_drained {
        WhenDrained::AwaitRetries => claim.next_due_at.is_some(),
        WhenDrained::LeaveRetries => false,
    }
}

fn hand_over(shared: &Shared, leases: Vec<Leased>, to_workers: &Sender<Leased>) {
    shared.backlog.take_off(leases.iter().filter(|leased| is_from_outside(leased)).count() as u64);
    let bytes = leases.iter().map(|leased| leased.json.len() as u64).sum();
    shared.in_flight.claimed(leases.len(), bytes);
    for leased in leases {
        // The workers hold the other end for as long as this thread runs.
        let _ = to_workers.send(leased);
    }
}

/// Whether the event came from a source and is claimed for the first time.
fn is_from_outside(leased: &Leased) -> bool {
    leased.counts.attempts == 1 && leased.hops == 0
}
