//! The life of a run as a person at the terminal sees it: it ends when its work is done, sooner on
//! Ctrl-C, at once on a second one.

use std::time::Duration;

use tokio::task::JoinHandle;

use super::Feeder;
use crate::cli::Failure;
use crate::cli::interrupts::{Interrupts, end_at_once, say_stopping};
use crate::queue::{Queue, Stopper};
use crate::source::FeedError;
use crate::store::StoreError;

/// How a run ended.
pub struct Ending {
    pub feed: Result<(), FeedError>,
    pub queue: Result<(), StoreError>,
    pub interrupted: bool,
}

/// Waits until the source is read and the queues are empty, or until someone says stop.
pub fn attend(queues: Vec<Queue>, feeder: Feeder) -> Result<Ending, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::work(format!("the machine gives no event loop: {e}")))?;
    let ending = runtime.block_on(attend_all(queues, feeder));
    // A reader that waits for a pipe which never ends must not keep the process.
    runtime.shutdown_timeout(Duration::ZERO);
    ending.map_err(|e| Failure::work(format!("signals cannot be caught: {e}")))
}

async fn attend_all(queues: Vec<Queue>, feeder: Feeder) -> std::io::Result<Ending> {
    let mut interrupts = Interrupts::catch()?;
    let stoppers: Vec<Stopper> = queues.iter().map(Queue::stopper).collect();
    let mut reading = tokio::task::spawn_blocking(move || join_feeder(feeder));
    let mut running = tokio::task::spawn_blocking(move || join_queues(queues));
    let mut ending = Ending { feed: Ok(()), queue: Ok(()), interrupted: false };
    let mut is_read = false;
    loop {
        tokio::select! {
            feed = &mut reading, if !is_read => {
                is_read = true;
                ending.feed = feed.unwrap_or(Ok(()));
                stoppers.iter().for_each(Stopper::drain);
            }
            queue = &mut running => {
                ending.queue = queue.unwrap_or_else(|e| Err(StoreError::Stopped { reason: e.to_string() }));
                collect_feed(&mut ending, &mut reading, is_read).await;
                return Ok(ending);
            }
            () = interrupts.next() => interrupt(&mut ending, &stoppers),
        }
    }
}

/// When the queue ended first, the reader has been told; what it says matters if it says it soon.
async fn collect_feed(ending: &mut Ending, reading: &mut JoinHandle<Result<(), FeedError>>, is_read: bool) {
    const READER_WAIT: Duration = Duration::from_millis(200);
    if !is_read && let Ok(Ok(feed)) = tokio::time::timeout(READER_WAIT, reading).await {
        ending.feed = feed;
    }
}

/// They end together; the first failure is the one to tell.
fn join_queues(queues: Vec<Queue>) -> Result<(), StoreError> {
    queues.into_iter().map(Queue::join).fold(Ok(()), Result::and)
}

fn join_feeder(feeder: Feeder) -> Result<(), FeedError> {
    feeder
        .join()
        .unwrap_or_else(|_| Err(StoreError::Stopped { reason: "the reading thread panicked".into() }.into()))
}

fn interrupt(ending: &mut Ending, stoppers: &[Stopper]) {
    if std::mem::replace(&mut ending.interrupted, true) {
        end_at_once();
    }
    say_stopping();
    stoppers.iter().for_each(Stopper::stop);
}
