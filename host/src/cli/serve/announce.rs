//! From the queue's settlements to those who listen over HTTP.

use std::sync::Arc;

use crate::api::{News, Pressure, ServedHandler};
use crate::cli::output::stored;
use crate::event::{Attributes, Settlement, attributes_of};
use crate::queue::{Announcer, Finished};
use crate::store::{ResultRow, ResultStatus, SettleFate};

/// Tells the HTTP side of every settlement.
pub struct Teller {
    handler: ServedHandler,
    news: Arc<News>,
    pressure: Arc<Pressure>,
    noted: Vec<Note>,
}

struct Note {
    settlement: Settlement,
    /// `None` when nobody listens, or nothing is settled yet.
    row: Option<ResultRow>,
}

impl Teller {
    pub fn new(handler: ServedHandler, news: Arc<News>, pressure: Arc<Pressure>) -> Self {
        Teller { handler, news, pressure, noted: Vec::new() }
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
        let settlement = finished.settled.settlement;
        let status = match settlement {
            Settlement::Done => Some(ResultStatus::Ok),
            Settlement::Dead => Some(ResultStatus::Dead),
            Settlement::RetryAt(_) => None,
        };
        let wanted = status.filter(|_| self.news.is_wanted());
        let row = wanted.map(|status| self.row(finished, status));
        self.noted.push(Note { settlement, row });
    }

    fn tell(&mut self, fates: &[SettleFate]) {
        for (note, fate) in self.noted.drain(..).zip(fates) {
            let SettleFate::Recorded { emitted } = fate else { continue };
            self.pressure.queued(u64::from(*emitted));
            if !matches!(note.settlement, Settlement::RetryAt(_)) {
                self.pressure.settled(1);
            }
            if let Some(row) = note.row {
                self.news.tell(row);
            }
        }
    }
}
