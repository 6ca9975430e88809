//! What a server tells an OpenTelemetry collector, and what it says of one that does not listen.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::plan::Plan;
use crate::api::{ApiParts, Metrics, Scraper};
use crate::cli::Failure;
use crate::store::sqlite::SqliteReader;
use crate::store::{Browse, Inspect, StoreError};
use crate::telemetry::{Gather, Lost, Telemetry, TellLost};

/// What is gathered at the end is sent within this time, or not at all.
pub const FLUSH_TIME_MAX: Duration = Duration::from_secs(2);

/// One line of trouble is enough for so long.
const QUIET_TIME: Duration = Duration::from_secs(60);

/// Tells the collector that was asked for, if one was.
pub fn start(plan: &Plan, parts: &ApiParts) -> Result<Telemetry, Failure> {
    let Some(collector) = &plan.collector else { return Ok(Telemetry::default()) };
    let trouble = Trouble::with(collector.name(), parts.metrics.clone());
    let lost = TellLost::new(move |lost| trouble.note(&lost));
    Ok(Telemetry::start(collector, gather(plan, parts)?, lost)?)
}

/// The text of `/metrics`, by a connection of its own.
fn gather(plan: &Plan, parts: &ApiParts) -> Result<Gather, StoreError> {
    let (reader, scraper) = (SqliteReader::open(&plan.db)?, Scraper::of(parts));
    Ok(Box::new(move || {
        let (handlers, oldest) = (reader.handlers().ok()?, reader.oldest_pending_at().ok()?);
        scraper.text(&handlers, oldest).ok()
    }))
}

/// Counts what is lost, and says so once in a while.
struct Trouble {
    collector: String,
    metrics: Arc<Metrics>,
    with_spans: Quiet,
    with_metrics: Quiet,
}

impl Trouble {
    fn with(collector: &str, metrics: Arc<Metrics>) -> Self {
        let (with_spans, with_metrics) = (Quiet::default(), Quiet::default());
        Trouble { collector: collector.to_owned(), metrics, with_spans, with_metrics }
    }

    fn note(&self, lost: &Lost) {
        self.metrics.spans_lost.inc_by(lost.spans());
        let (collector, spans) = (&self.collector, self.metrics.spans_lost.get());
        let of_spans = |what: &str| {
            eprintln!(
                "wasm-evq: the collector {collector} {what}; {spans} spans are lost so far, and no event"
            );
        };
        match lost {
            Lost::Unsent { .. } => of_spans("did not take the last spans in time"),
            Lost::Metrics { reason } if self.with_metrics.is_over() => {
                eprintln!("wasm-evq: the collector {collector} takes no metrics: {reason}");
            }
            Lost::Crowded if self.with_spans.is_over() => of_spans("takes spans too slowly"),
            Lost::Refused { reason, .. } if self.with_spans.is_over() => {
                of_spans(&format!("takes no spans: {reason}"));
            }
            Lost::Crowded | Lost::Refused { .. } | Lost::Metrics { .. } => {}
        }
    }
}

/// The time after a line of trouble in which there is no other of its kind.
#[derive(Default)]
struct Quiet {
    since: Mutex<Option<Instant>>,
}

impl Quiet {
    /// Whether it is over, or was never; then it begins anew.
    fn is_over(&self) -> bool {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = since.is_none_or(|since| since.elapsed() >= QUIET_TIME);
        if is_over {
            *since = Some(Instant::now());
        }
        is_over
    }
}
