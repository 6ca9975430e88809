//! From the queue's settlements to those who listen over HTTP.

use std::sync::Arc;
use std::time::Duration;

use crate::api::{AttemptFigures, History, Metrics, News};
use crate::event::{Attributes, Figures, Settlement, attributes_of};
use crate::queue::{Announcer, Finished};
use crate::store::{ResultRow, ResultStatus, SettleFate, StoredOutput};
use crate::telemetry::{Attempt, AttemptSpan, Tracer};

/// The HTTP side, as far as it wants to be told.
#[derive(Clone)]
pub struct Listeners {
    pub news: Arc<News>,
    pub metrics: Arc<Metrics>,
    pub history: Arc<History>,
    pub tracer: Tracer,
}

/// Tells the HTTP side of every settlement by one module.
pub struct Teller {
    handler: String,
    sha256: String,
    to: Listeners,
    noted: Vec<Note>,
}

struct Note {
    verdict: &'static str,
    figures: Figures,
    /// From accepted to settled; `None` when the event will be run again.
    settled_after: Option<Duration>,
    is_dead: bool,
    /// `None` when nobody listens, or nothing is settled yet.
    row: Option<ResultRow>,
    /// `None` when nobody traces.
    span: Option<Box<AttemptSpan>>,
}

impl Teller {
    pub fn new(handler: String, sha256: String, to: Listeners) -> Self {
        Teller { handler, sha256, to, noted: Vec::new() }
    }

    fn row(&self, finished: &Finished, status: ResultStatus) -> ResultRow {
        let settled = &finished.settled;
        let Attributes { source, id, type_, .. } = attributes_of(&finished.event);
        let verdict = &settled.report.verdict;
        ResultRow {
            event_id: id.into_owned(),
            source: source.into_owned(),
            type_: type_.into_owned(),
            handler: self.handler.clone(),
            handler_sha256: self.sha256.clone(),
            status,
            output: StoredOutput::of(verdict),
            error: (status == ResultStatus::Dead).then(|| verdict.reason()),
            attempts: settled.lease.attempt,
            figures: settled.report.figures,
            finished_at: settled.finished_at,
        }
    }

    fn span(&self, finished: &Finished) -> Option<Box<AttemptSpan>> {
        let (settled, tracer) = (&finished.settled, &self.to.tracer);
        let attempt = || Attempt {
            handler: &self.handler,
            sha256: &self.sha256,
            event: attributes_of(&finished.event),
            number: settled.lease.attempt,
            verdict: &settled.report.verdict,
            figures: settled.report.figures,
            ended_at: finished.ended_at,
        };
        tracer.is_on().then(attempt).and_then(|attempt| tracer.attempt(&attempt))
    }
}

impl Announcer for Teller {
    fn note(&mut self, finished: &Finished) {
        let Finished { settled, accepted_at, .. } = finished;
        let status = match settled.settlement {
            Settlement::Done => Some(ResultStatus::Ok),
            Settlement::Dead => Some(ResultStatus::Dead),
            Settlement::RetryAt(_) => None,
        };
        let wanted = status.filter(|_| self.to.news.is_wanted());
        self.noted.push(Note {
            verdict: settled.report.verdict.code(),
            figures: settled.report.figures,
            settled_after: status.map(|_| settled.finished_at.since(*accepted_at)),
            is_dead: status == Some(ResultStatus::Dead),
            row: wanted.map(|status| self.row(finished, status)),
            span: self.span(finished),
        });
    }

    fn tell(&mut self, fates: &[SettleFate]) {
        for (note, fate) in self.noted.drain(..).zip(fates) {
            let SettleFate::Recorded { .. } = fate else { continue };
            let Note { verdict, figures, settled_after, is_dead, row, span } = note;
            let handler = &self.handler;
            let attempt = AttemptFigures { handler, verdict, figures, settled_after, is_dead };
            self.to.metrics.attempt(&attempt);
            self.to.history.settled(&attempt);
            if let Some(span) = span {
                span.tell();
            }
            if let Some(row) = row {
                self.to.news.tell(row);
            }
        }
    }
}
