//! How fast pending events are claimed: with few of them, and with very many.

use std::path::Path;
use std::time::{Duration, Instant};

use super::generate;
use super::host::Host;
use super::subject::Subject;
use crate::cli::Failure;
use crate::event::{Output, Report, Settlement, Verdict, parse_event};
use crate::store::{Addressed, Enqueue, Lease, Leased, Room, Settled};

pub const FEW: usize = 10_000;
pub const MANY: usize = 1_000_000;

/// Claimed in one measurement, in claims of this size.
const CLAIMED: usize = 8192;
const CLAIM_EVENTS: usize = 1024;

const ENQUEUED_TOGETHER: usize = 4096;

/// Events claimed a second while so many are pending.
pub fn per_s(subject: &Subject, pending: usize) -> Result<f64, Failure> {
    let folder = subject.folder.for_one()?;
    let db = folder.path().join("claims.db");
    fill(subject, &db, pending)?;
    // Opened anew, so that nothing is known of the events but what stands in the file.
    let host = Host::open(subject, &db)?;
    let started = Instant::now();
    let leases = claim(&host)?;
    let elapsed = started.elapsed();
    let claimed = leases.len() as f64;
    settle(&host, leases)?;
    Ok(claimed / elapsed.as_secs_f64())
}

fn fill(subject: &Subject, db: &Path, pending: usize) -> Result<(), Failure> {
    let host = Host::open(subject, db)?;
    let numbers: Vec<usize> = (0..pending).collect();
    for numbers in numbers.chunks(ENQUEUED_TOGETHER) {
        let events: Vec<Addressed> = numbers
            .iter()
            .map(|number| {
                parse_event(generate::order(*number).as_bytes(), u64::MAX).map(|event| host.addressed(event))
            })
            .collect::<Result<_, _>>()?;
        host.store.enqueue(events)?;
    }
    Ok(())
}

fn claim(host: &Host) -> Result<Vec<Leased>, Failure> {
    let mut leases = Vec::with_capacity(CLAIMED);
    while leases.len() < CLAIMED {
        let room = Room { events_max: CLAIM_EVENTS, bytes_max: u64::MAX };
        let claim = host.store.claim(host.registered.handler, room, Duration::ZERO)?;
        if claim.leases.is_empty() {
            return Err(Failure::work("a claim brought nothing although events are pending"));
        }
        leases.extend(claim.leases);
    }
    Ok(leases)
}

/// Ends what was claimed: a store is not left with leases that look lost.
fn settle(host: &Host, leases: Vec<Leased>) -> Result<(), Failure> {
    let settled = leases.into_iter().map(|leased| Settled {
        lease: leased.id,
        counts: leased.counts,
        event_bytes: leased.json.len() as u64,
        module: host.registered.module,
        settlement: Settlement::Done,
        report: Report::bare(Verdict::Ok { output: Output::None, emitted: Vec::new() }),
        routes: Vec::new(),
        finished_at: leased.accepted_at,
    });
    host.store.settle(settled.collect())?;
    Ok(())
}
