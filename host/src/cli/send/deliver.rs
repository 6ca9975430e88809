//! A batch to its server: sent until it is answered, or patience is over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::batch::Sealed;
use crate::cli::Failure;
use crate::cli::remote::{Remote, RemoteError};
use crate::observe::Tally;

const BATCH: &str = "application/cloudevents-batch+json";

/// Between two tries at a server that does not answer.
const BREATH: Duration = Duration::from_secs(1);

pub struct Delivery {
    remote: Remote,
    tally: Arc<Tally>,
    patience: Duration,
}

/// What the server says of a batch. The names are a contract with it.
#[derive(Deserialize)]
struct Answer {
    accepted: u64,
    duplicates: u64,
    #[serde(default)]
    unmatched: u64,
    rejected: u64,
    events: Vec<Fate>,
}

#[derive(Deserialize)]
struct Fate {
    fate: String,
    #[serde(default)]
    reason: Option<String>,
}

impl Delivery {
    pub fn new(remote: Remote, tally: Arc<Tally>, patience: Duration) -> Self {
        Delivery { remote, tally, patience }
    }

    /// Sends a batch, if there is one.
    ///
    /// # Errors
    /// When the server refuses it, or stays busy or silent for as long as patience lasts. What was accepted
    /// before stays accepted.
    pub fn send(&self, batch: Option<Sealed>) -> Result<(), Failure> {
        let Some(batch) = batch else { return Ok(()) };
        let until = Instant::now() + self.patience;
        loop {
            let error = match self.remote.post("/events", BATCH, &batch.json) {
                Err(error) => error,
                Ok(answer) => {
                    self.count(&batch, answer);
                    return Ok(());
                }
            };
            let pause = match &error {
                RemoteError::Busy { again_after, .. } => *again_after,
                RemoteError::Silent { .. } => BREATH,
                RemoteError::Refused { .. } => return Err(self.given_up(&batch, &error)),
            };
            if Instant::now() + pause > until {
                return Err(self.given_up(&batch, &error));
            }
            std::thread::sleep(pause);
        }
    }

    fn count(&self, batch: &Sealed, answer: Answer) {
        let Answer { accepted, duplicates, unmatched, rejected, events } = answer;
        self.tally.enqueued.add(accepted + unmatched);
        self.tally.duplicates.add(duplicates);
        self.tally.rejected.add(rejected);
        self.tally.read_bytes.add(batch.taken_bytes);
        for fate in events.iter().filter(|fate| fate.fate == "rejected") {
            eprintln!(
                "wasm-evq: the server rejects an event: {}",
                fate.reason.as_deref().unwrap_or("no reason")
            );
        }
    }

    fn given_up(&self, batch: &Sealed, error: &RemoteError) -> Failure {
        let accepted = self.tally.enqueued.get() + self.tally.duplicates.get();
        Failure::work(format!(
            "{error}; {accepted} events are accepted, {} of this batch are not known to be; send the file again, \
             what is there already is a duplicate",
            batch.events
        ))
    }
}
