//! The whole life of one attempt: the event goes in, the settlement comes out.

use super::settler::Finished;
use super::shared::Shared;
use crate::clock::UnixMillis;
use crate::event::{AttemptCounts, Report, Settlement, Verdict, decide};
use crate::sandbox::{Answers, Handler, Invocation, Invoked};
use crate::store::{LeaseId, Leased, Route, Settled};

/// Runs a leased event and decides what becomes of it.
pub fn run(handler: &Handler, shared: &Shared, leased: Leased) -> Finished {
    let Leased { id, counts, accepted_at, hops, json } = leased;
    let invocation =
        Invocation { event: json, attempt: id.attempt, accepted_at, hops, answers: Answers::Live };
    let Invoked { report, event } = handler.invoke(invocation);
    conclude(shared, Tried { id, counts, accepted_at, event }, report)
}

/// Ends an attempt that nobody saw the end of. It takes the same road as every other.
pub fn lost(shared: &Shared, leased: Leased) -> Finished {
    let Leased { id, counts, accepted_at, json, .. } = leased;
    conclude(shared, Tried { id, counts, accepted_at, event: json }, Report::lost())
}

/// What of a lease outlives its attempt.
struct Tried {
    id: LeaseId,
    counts: AttemptCounts,
    accepted_at: UnixMillis,
    event: Box<str>,
}

fn conclude(shared: &Shared, tried: Tried, report: Report) -> Finished {
    let Tried { id: lease, counts, accepted_at, event } = tried;
    let ended_at = shared.clock.time();
    let now = UnixMillis::of(ended_at);
    let settlement = decide(counts, &report.verdict, &shared.policy, now, jitter_seed(lease));
    let module = shared.registered.module;
    let routes = routes_of_emitted(shared, settlement, &report);
    let event_bytes = event.len() as u64;
    let settled =
        Settled { lease, counts, event_bytes, module, settlement, report, routes, finished_at: now };
    Finished { settled, accepted_at, ended_at, event }
}

/// Where what was emitted goes. Only an attempt that is done emits.
fn routes_of_emitted(shared: &Shared, settlement: Settlement, report: &Report) -> Vec<Route> {
    let Verdict::Ok { emitted, .. } = &report.verdict else { return Vec::new() };
    if settlement != Settlement::Done {
        return Vec::new();
    }
    emitted.iter().map(|event| shared.router.route(event)).collect()
}

/// Spreads the retries of events that fail together; the same attempt draws the same delay.
fn jitter_seed(lease: LeaseId) -> u64 {
    let event = lease.event.0.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    event ^ (lease.handler.0.cast_unsigned() << 32) ^ u64::from(lease.attempt)
}
