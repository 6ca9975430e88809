//! The promises, each checked by a function of its own.

use std::collections::BTreeSet;

use super::ledger::{Delivery, Identity, Ledger, Standing};
use crate::clock::UnixMillis;
use crate::store::{
    DeliveryState, EnqueueFate, EventDetail, HandlerId, LeaseId, Leased, ResultRow, ResultStatus, SettleFate,
    Stats,
};

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    pub promise: &'static str,
    pub seen: String,
}

pub type Kept = Result<(), Broken>;

pub fn promise(promise: &'static str, is_kept: bool, seen: impl FnOnce() -> String) -> Kept {
    if is_kept { Ok(()) } else { Err(Broken { promise, seen: seen() }) }
}

/// An event is new to a handler once, and is kept when it goes to nobody.
pub fn is_new_once(ledger: &Ledger, identity: &Identity, new_to: &[HandlerId], fate: EnqueueFate) -> Kept {
    let is_right = match fate {
        EnqueueFate::Enqueued { deliveries, .. } => deliveries > 0 && deliveries as usize == new_to.len(),
        EnqueueFate::Duplicate(_) => new_to.is_empty() && ledger.numbers.contains_key(identity),
        EnqueueFate::Unmatched(_) => new_to.is_empty() && !ledger.numbers.contains_key(identity),
    };
    promise("an event is new to a handler once", is_right, || format!("{identity:?}: {fate:?}"))
}

/// A number is given to one event, and no later one gets a lower number.
pub fn numbers_are_given_once(ledger: &Ledger, identity: &Identity, fate: EnqueueFate) -> Kept {
    let seq = fate.event();
    let is_right = match ledger.numbers.get(identity) {
        Some(known) => *known == seq,
        None => Some(seq) > ledger.highest,
    };
    promise("a number is given once", is_right, || format!("{identity:?}: {fate:?}"))
}

/// What is claimed was accepted, and has not ended: a dead event is never claimed.
pub fn only_what_waits_is_claimed(delivery: Option<&Delivery>, leased: &Leased) -> Kept {
    let is_open = delivery.is_some_and(|d| !matches!(d.standing, Standing::Done | Standing::Dead));
    promise("only an accepted event that has not ended is claimed", is_open, || {
        format!("{:?}: {delivery:?}", leased.id)
    })
}

/// A lease is held by one at a time.
pub fn a_lease_is_held_by_one(delivery: &Delivery, leased: &Leased) -> Kept {
    promise("a lease is held by one at a time", delivery.standing == Standing::Waits, || {
        format!("{:?} was given, and is {:?}", leased.id, delivery.standing)
    })
}

/// Nothing is claimed before it is due.
pub fn nothing_is_claimed_early(delivery: &Delivery, now: UnixMillis) -> Kept {
    let is_due = delivery.due_at.is_none_or(|due_at| due_at <= now);
    promise("nothing is claimed before it is due", is_due, || format!("{delivery:?} at {}", now.0))
}

/// A claim counts one attempt, and what was released does not count.
pub fn a_claim_counts_one_attempt(delivery: &Delivery, leased: &Leased) -> Kept {
    let is_next = leased.counts.attempts == delivery.counts.attempts + 1;
    promise("a claim counts one attempt, a release takes it back", is_next, || {
        format!("attempt {} after {:?}", leased.counts.attempts, delivery.counts)
    })
}

/// The number of an attempt that ended is never given again.
pub fn attempts_only_grow(delivery: &Delivery, leased: &Leased) -> Kept {
    let grows = leased.id.attempt > delivery.ended_attempt && leased.id.attempt == leased.counts.attempts;
    promise("attempts only grow", grows, || format!("{:?} after {delivery:?}", leased.id))
}

/// Failures, deferrals and losses are counted as attempts ended, and are no more than those.
pub fn ends_are_counted(delivery: &Delivery, leased: &Leased) -> Kept {
    let (told, known) = (leased.counts, delivery.counts);
    let is_as_ended = (told.failures, told.deferrals, told.losses)
        == (known.failures, known.deferrals, known.losses)
        && told.failures + told.deferrals + told.losses < told.attempts;
    promise("failures, deferrals and losses are counted as attempts ended", is_as_ended, || {
        format!("{told:?}, but {known:?}")
    })
}

/// An orphan is the lease of a dead owner, and is given once.
pub fn an_orphan_is_given_once(delivery: Option<&Delivery>, leased: &Leased) -> Kept {
    let is_orphan =
        delivery.is_some_and(|d| d.standing == Standing::Orphaned && d.counts.attempts == leased.id.attempt);
    promise("an orphan is the lease of a dead owner, given once", is_orphan, || {
        format!("{:?}: {delivery:?}", leased.id)
    })
}

/// A settlement is recorded if its lease is held, and only then.
pub fn only_a_held_lease_is_settled(ledger: &Ledger, lease: LeaseId, fate: SettleFate) -> Kept {
    let is_recorded = matches!(fate, SettleFate::Recorded { .. });
    promise(
        "a settlement is recorded only while its lease is held",
        is_recorded == ledger.holds(lease),
        || format!("{lease:?}: {fate:?}, but {:?}", ledger.delivery(lease)),
    )
}

/// What a recorded settlement emits is enqueued once; nothing else emits.
pub fn emitted_with_the_settlement(new: u32, fate: SettleFate) -> Kept {
    let is_right = match fate {
        SettleFate::Recorded { emitted } => emitted == new,
        SettleFate::LeaseLost => true,
    };
    promise("an emitted event exists if its parent is done, once", is_right, || {
        format!("{new} new ones: {fate:?}")
    })
}

/// What a settlement that was not recorded emitted is not there.
pub fn nothing_emitted_by_a_lost_lease(found: &[EventDetail]) -> Kept {
    promise("a settlement that is not recorded emits nothing", found.is_empty(), || format!("{found:?}"))
}

/// An accepted event is pending, leased or settled, never gone.
pub fn nothing_accepted_is_gone(delivery: &Delivery, state: Option<&DeliveryState>) -> Kept {
    let is_there = match (delivery.standing, state) {
        (Standing::Waits, Some(DeliveryState::Pending { attempts, .. })) => {
            *attempts == delivery.counts.attempts
        }
        (Standing::Held | Standing::Orphaned, Some(DeliveryState::Leased { attempt })) => {
            *attempt == delivery.counts.attempts
        }
        (Standing::Done, Some(DeliveryState::Settled { status, .. })) => *status == ResultStatus::Ok,
        (Standing::Dead, Some(DeliveryState::Settled { status, .. })) => *status == ResultStatus::Dead,
        _ => false,
    };
    promise("an accepted event is pending, leased or settled, never gone", is_there, || {
        format!("{state:?}, but {delivery:?}")
    })
}

/// The store holds what was given, and nothing else.
pub fn nothing_is_made_up(ledger: &Ledger, stats: &Stats) -> Kept {
    let leased = ledger.count(Standing::Held) + ledger.count(Standing::Orphaned);
    let known = (ledger.events(), ledger.count(Standing::Waits), leased);
    let ended = (ledger.count(Standing::Done), ledger.count(Standing::Dead), ledger.rejected);
    let is_same = known == (stats.events, stats.pending, stats.leased)
        && ended == (stats.ok, stats.dead, stats.rejected)
        && ledger.unmatched() == stats.unmatched;
    promise("what is in the store was given to it", is_same, || format!("{stats:?}, but {known:?} {ended:?}"))
}

/// An event has one outcome at a handler.
pub fn one_outcome_each(results: &[ResultRow]) -> Kept {
    let keys = results.iter().map(|row| (&row.source, &row.event_id, &row.handler));
    let distinct: BTreeSet<_> = keys.collect();
    promise("an event has one outcome at a handler", distinct.len() == results.len(), || {
        format!("{} results of {} events", results.len(), distinct.len())
    })
}
