//! From lines to accepted events: one thread reads and checks, one hands batches to the store, so
//! that the next batch is parsed while the last one becomes durable.

use std::ops::ControlFlow;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::batch::Batch;
use super::ndjson::{Format, Input, NextLine, SourceError};
use super::receipt::{TellReceipts, receipts};
use crate::backlog::{Backlog, Gate};
use crate::observe::Tally;
use crate::route::Router;
use crate::store::{Enqueue, EnqueueFate, StoreError};

/// Batches parsed ahead of the store.
const BATCHES_AHEAD: usize = 2;

/// What to read, and for whom.
pub struct FeedConfig {
    pub inputs: Vec<Input>,
    pub format: Format,
    pub event_bytes_max: u64,
    pub router: Arc<Router>,
}

/// How feeding ends early.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads all inputs to their ends and enqueues what is in them. Who wants to be told of each line is
/// told once its batch is durable.
///
/// # Errors
/// When an input cannot be read or the store fails. What was accepted before stays accepted.
pub fn feed(
    config: &FeedConfig,
    store: &Arc<dyn Enqueue>,
    backlog: &Backlog,
    tally: &Tally,
    tell: Option<TellReceipts>,
) -> Result<(), FeedError> {
    let first = Batch::new(config.router.clone(), tell.as_ref());
    let (to_store, batches) = crossbeam_channel::bounded(BATCHES_AHEAD);
    std::thread::scope(|scope| {
        let storing = std::thread::Builder::new()
            .name("evq-enqueue".into())
            .spawn_scoped(scope, move || enqueue_all(&batches, store, backlog, tally, tell))
            .map_err(|e| StoreError::Stopped { reason: format!("no thread to enqueue with: {e}") })?;
        let read = read_all(config, first, to_store, backlog, tally);
        let stored = storing
            .join()
            .unwrap_or_else(|_| Err(StoreError::Stopped { reason: "the enqueuing thread panicked".into() }));
        // The store's failure first: it is also why reading ended.
        stored?;
        Ok(read?)
    })
}

fn read_all(
    config: &FeedConfig,
    mut batch: Batch,
    to_store: Sender<Batch>,
    backlog: &Backlog,
    tally: &Tally,
) -> Result<(), SourceError> {
    for input in &config.inputs {
        input.read(&config.format, config.event_bytes_max, &mut |line| {
            tally.read.add(1);
            let next = line.next;
            batch.push(line, input);
            // An event from a pipe is not kept waiting for its successor.
            if batch.is_full() || next == NextLine::MayWait {
                return pass_on(&mut batch, &to_store, backlog);
            }
            ControlFlow::Continue(())
        })?;
    }
    // Whether it was wanted makes no difference any more.
    let _ = pass_on(&mut batch, &to_store, backlog);
    Ok(())
}

/// Sends a batch, once the queue has caught up. Breaks when nothing more is wanted.
fn pass_on(batch: &mut Batch, to_store: &Sender<Batch>, backlog: &Backlog) -> ControlFlow<()> {
    let batch = batch.take();
    if backlog.wait() == Gate::Closed || to_store.send(batch).is_err() {
        return ControlFlow::Break(());
    }
    ControlFlow::Continue(())
}

fn enqueue_all(
    batches: &Receiver<Batch>,
    store: &Arc<dyn Enqueue>,
    backlog: &Backlog,
    tally: &Tally,
    mut tell: Option<TellReceipts>,
) -> Result<(), StoreError> {
    for batch in batches {
        let rejected = batch.rejected.len() as u64;
        if rejected > 0 {
            store.reject(batch.rejected)?;
            tally.rejected.add(rejected);
        }
        let fates = store.enqueue(batch.events)?;
        count(&fates, tally);
        tally.read_bytes.add(batch.taken_bytes);
        backlog.add(fates.iter().map(|fate| u64::from(fate.deliveries())).sum());
        if let (Some(tell), Some(stubs)) = (&mut tell, batch.stubs) {
            tell(&receipts(stubs, &fates));
        }
    }
    Ok(())
}

fn count(fates: &[EnqueueFate], tally: &Tally) {
    let count = |is_such: fn(&EnqueueFate) -> bool| fates.iter().filter(|fate| is_such(fate)).count() as u64;
    tally.enqueued.add(count(|fate| matches!(fate, EnqueueFate::Enqueued { .. })));
    tally.duplicates.add(count(|fate| matches!(fate, EnqueueFate::Duplicate(_))));
    tally.unmatched.add(count(|fate| matches!(fate, EnqueueFate::Unmatched(_))));
}
