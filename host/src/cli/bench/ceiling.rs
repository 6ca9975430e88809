//! Gives the store's ceiling the very rows that the road would store.

use std::ops::ControlFlow;
use std::time::Duration;

use super::subject::{Subject, first_attempt};
use crate::cli::Failure;
use crate::event::{NewEvent, Verdict};
use crate::source::{Format, Input};
use crate::store::StoreError;
use crate::store::sqlite::{Ceiling, CeilingFile, CeilingRow};

/// Events of a batch: those of the queue's largest settlement.
const BATCH_EVENTS: usize = 1024;

/// Batches prepared ahead and then stored in a row, so that the disk gets no rest between them.
const BATCHES_AHEAD: usize = 64;

/// Events a second that SQLite alone takes from new to settled, parsing and handling not counted.
pub fn events_per_s(subject: &Subject) -> Result<f64, Failure> {
    let folder = subject.folder.for_one()?;
    let file = CeilingFile::open(&folder.path().join("ceiling.db"))?;
    let mut loop_ = Timed { ceiling: file.prepare()?, elapsed: Duration::ZERO, events: 0 };
    let mut rows = Vec::with_capacity(BATCH_EVENTS * BATCHES_AHEAD);
    let mut failure = None;
    let input = Input::File(subject.workload.file.clone());
    input.read(&Format::Event, subject.limits.event_bytes_max, &mut |line| {
        rows.extend(line.outcome.ok().map(|event| row(subject, event)));
        if rows.len() == BATCH_EVENTS * BATCHES_AHEAD {
            failure = loop_.settle(&mut rows).err();
        }
        if failure.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    if let Some(failure) = failure {
        return Err(failure.into());
    }
    loop_.settle(&mut rows)?;
    Ok(loop_.events as f64 / loop_.elapsed.as_secs_f64())
}

struct Timed<'f> {
    ceiling: Ceiling<'f>,
    elapsed: Duration,
    events: usize,
}

impl Timed<'_> {
    fn settle(&mut self, rows: &mut Vec<CeilingRow>) -> Result<(), StoreError> {
        for batch in rows.chunks(BATCH_EVENTS) {
            self.elapsed += self.ceiling.settle(batch)?;
        }
        self.events += rows.len();
        rows.clear();
        Ok(())
    }
}

fn row(subject: &Subject, event: NewEvent) -> CeilingRow {
    let report = subject.handler.invoke(first_attempt(event.json().into())).report;
    let output = match report.verdict {
        Verdict::Ok { output, .. } => output,
        _ => crate::event::Output::None,
    };
    CeilingRow { event, output, figures: report.figures }
}
