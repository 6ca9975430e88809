//! After an unclean end: what was claimed is counted as lost; what was lost before, too, runs alone.

use super::attempt;
use super::settler::Ended;
use super::shared::Shared;
use crate::store::{Leased, StoreError};
use crossbeam_channel::Sender;

/// Settles the attempts that an earlier process lost, then runs the suspects among their events one
/// at a time, each attempt committed before it runs. A handler that kills the host is so counted
/// against its own event until that is dead, and the events that were beside it are served.
pub fn run(
    shared: &Shared,
    to_settler: &Sender<Ended>,
    to_workers: &Sender<Leased>,
) -> Result<(), StoreError> {
    let handler = shared.registered.handler;
    for orphan in shared.store.orphans(handler)? {
        shared.in_flight.claimed(1, orphan.json.len() as u64);
        let lost = attempt::lost(shared, orphan);
        // The settler outlives this thread.
        let _ = to_settler.send(Ended::Finished(Box::new(lost)));
    }
    shared.in_flight.wait_until_empty();
    loop {
        shared.wait_while_paused();
        if shared.is_stopping() {
            break;
        }
        let Some(suspect) = shared.store.claim_suspect(handler)? else { break };
        shared.in_flight.claimed(1, suspect.json.len() as u64);
        let _ = to_workers.send(suspect);
        shared.in_flight.wait_until_empty();
    }
    Ok(())
}
