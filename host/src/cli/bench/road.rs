//! The whole road: events in a file, results in a database, and all that the queue does between.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::host::Host;
use super::subject::Subject;
use super::watchdog::Watchdog;
use crate::cli::Failure;
use crate::source::{FeedConfig, Format, Input, feed};
use crate::store::sqlite::SqliteReader;
use crate::store::{Enqueue, Inspect, ResultFilter};

/// The bound on one run: more than any handler needs that is worth measuring so.
const WAIT: Duration = Duration::from_secs(60);
const WAIT_PER_EVENT: Duration = Duration::from_millis(10);

/// What one run of the road showed.
pub struct Road {
    /// Settled events over the time from the first byte read to the last commit.
    pub events_per_s: f64,
    /// What the database takes beyond events, outputs and the module.
    pub overhead_bytes_per_event: f64,
}

pub fn run(subject: &Subject) -> Result<Road, Failure> {
    let folder = subject.folder.for_one()?;
    let db = folder.path().join("road.db");
    let host = Host::open(subject, &db)?;
    let input = FeedConfig {
        inputs: vec![Input::File(subject.workload.file.clone())],
        format: Format::Event,
        event_bytes_max: subject.limits.event_bytes_max,
        router: host.parts.router.clone(),
    };
    let started = Instant::now();
    let queue = host.start(subject, None)?;
    let events = u32::try_from(subject.workload.events).unwrap_or(u32::MAX);
    let watchdog = Watchdog::start(queue.stopper(), WAIT + WAIT_PER_EVENT * events)?;
    let store: Arc<dyn Enqueue> = host.store.clone();
    let fed = feed(&input, &store, &host.parts.backlog, &host.parts.tally, None);
    match &fed {
        Ok(()) => queue.stopper().drain(),
        Err(_) => queue.stopper().stop(),
    }
    queue.join()?;
    let elapsed = started.elapsed();
    fed?;
    watchdog.dismiss()?;
    let settled = host.parts.tally.ok.get() + host.parts.tally.dead.get();
    if settled == 0 {
        return Err(Failure::work("the handler settled no event: it asks for each to be retried"));
    }
    // The last to close the file copies the log into it: only then does its size tell.
    drop((store, host));
    let overhead_bytes = overhead_bytes(subject, &db)?;
    Ok(Road {
        events_per_s: settled as f64 / elapsed.as_secs_f64(),
        overhead_bytes_per_event: overhead_bytes / settled as f64,
    })
}

fn overhead_bytes(subject: &Subject, db: &Path) -> Result<f64, Failure> {
    let file_bytes =
        std::fs::metadata(db).map_err(|e| Failure::work(format!("{}: {e}", db.display())))?.len();
    let mut output_bytes = 0;
    SqliteReader::open(db)?.results(&ResultFilter::default(), &mut |row| {
        output_bytes += row.output.len_bytes();
        ControlFlow::Continue(())
    })?;
    // The module is kept once, whatever the number of events.
    let module_bytes = subject.handler.facts().module_bytes;
    Ok(file_bytes as f64 - module_bytes as f64 - subject.workload.event_bytes as f64 - output_bytes as f64)
}
