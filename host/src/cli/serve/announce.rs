//! From the queue's settlements to those who listen over HTTP.

use std::sync::Arc;
use std::time::Duration;

use crate::api::{ApiParts, AttemptFigures, History, Metrics, News, Pressure, ServedHandler};
use crate::cli::output::stored;
use crate::event::{Attributes, Figures, Settlement, attributes_of};
use crate::queue::{Announcer, Finished};
use crate::store::{ResultRow, ResultStatus, SettleFate};

/// Tells the HTTP side of every settlement.
pub struct Teller {
    handler: ServedHandler,
    news: Arc<News>,
    pressure: Arc<Pressure>,
    metrics: Arc<Metrics>,
    history: Arc<History>,
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
}

impl Teller {
    pub fn new(parts: &ApiParts) -> Self {
        Teller {
            handler: parts.handler.clone(),
            news: parts.news.clone(),
            pressure: parts.pressure.clone(),
            metrics: parts.metrics.clone(),
            history: parts.history.clone(),
            noted: Vec::new(),
        }
    }

    fn row(&self, finished: &Finished, status: ResultStatus) -> ResultRow {
        let settled = &finished.settled;
        let Attributes { source, id, type_ } = attributes_of(&finished.event);
        let verdict = &settled.report.verdict;
        ResultRow {
            event_id: id.into_owned(),
            source: source.into_owned(),
            type_: type_.into_owned(),
            handler: self.handler.name.clone(),
            handler_sha256: self.handler.sha256.clone(),
            status,
            output: stored(verdict),
            error: (status == ResultStatus::Dead).then(|| verdict.reason()),
            attempts: settled.lease.attempt,
            figures: settled.report.figures,
            finished_at: settled.finished_at,
        }
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
        let wanted = status.filter(|_| self.news.is_wanted());
        self.noted.push(Note {
            verdict: settled.report.verdict.code(),
            figures: settled.report.figures,
            settled_after: status.map(|_| settled.finished_at.since(*accepted_at)),
            is_dead: status == Some(ResultStatus::Dead),
            row: wanted.map(|status| self.row(finished, status)),
        });
    }

    fn tell(&mut self, fates: &[SettleFate]) {
        for (note, fate) in self.noted.drain(..).zip(fates) {
            let SettleFate::Recorded { emitted } = fate else { continue };
            let Note { verdict, figures, settled_after, is_dead, row } = note;
            let handler = &self.handler.name;
            let attempt = AttemptFigures { handler, verdict, figures, settled_after, is_dead };
            self.metrics.attempt(&attempt);
            self.history.settled(&attempt);
            self.pressure.queued(u64::from(*emitted));
            self.pressure.settled(u64::from(settled_after.is_some()));
            if let Some(row) = row {
                self.news.tell(row);
            }
        }
    }
}
