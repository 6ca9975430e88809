//! What is counted and measured while serving, by the names of Prometheus's conventions.

mod scrape;

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::event::Figures;

pub use scrape::{__path_scrape, Scraper, bytes_of, scrape};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfVerdict {
    handler: String,
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfHandler {
    handler: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfReload {
    handler: String,
    outcome: &'static str,
}

/// What became of a module that was looked at anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reload {
    Swapped,
    KeptOut,
}

/// Every series of one server.
pub struct Metrics {
    registry: Registry,
    pub accepted: Counter,
    pub duplicates: Counter,
    pub unmatched: Counter,
    pub rejected: Counter,
    pub forgotten: Counter,
    pub spans_lost: Counter,
    pub accept_seconds: Histogram,
    attempts: Family<OfVerdict, Counter>,
    reloads: Family<OfReload, Counter>,
    paused: Family<OfHandler, Gauge>,
    attempt_seconds: Histogram,
    attempt_fuel: Histogram,
    attempt_memory_bytes: Histogram,
    settled_seconds: Histogram,
    unsettled: Family<OfHandler, Gauge>,
    unsettled_bytes: Family<OfHandler, Gauge>,
    oldest_pending_seconds: Gauge<f64, AtomicU64>,
    wal_bytes: Gauge,
    database_bytes: Gauge,
}

/// One attempt that is recorded.
pub struct AttemptFigures<'a> {
    pub handler: &'a str,
    pub verdict: &'static str,
    pub figures: Figures,
    /// From accepted to settled; `None` when the event will be run again.
    pub settled_after: Option<Duration>,
    /// Whether it was given up with this attempt.
    pub is_dead: bool,
}

impl Default for Metrics {
    fn default() -> Self {
        let micros = || Histogram::new(exponential_buckets(0.000_01, 4.0, 12));
        let mut registry = Registry::with_prefix("evq");
        let mut metrics = Metrics {
            registry: Registry::default(),
            accepted: Counter::default(),
            duplicates: Counter::default(),
            unmatched: Counter::default(),
            reloads: Family::default(),
            paused: Family::default(),
            rejected: Counter::default(),
            forgotten: Counter::default(),
            spans_lost: Counter::default(),
            accept_seconds: Histogram::new(exponential_buckets(0.000_1, 2.0, 16)),
            attempts: Family::default(),
            attempt_seconds: micros(),
            attempt_fuel: Histogram::new(exponential_buckets(100.0, 10.0, 8)),
            attempt_memory_bytes: Histogram::new(exponential_buckets(65_536.0, 4.0, 8)),
            settled_seconds: Histogram::new(exponential_buckets(0.000_1, 4.0, 14)),
            unsettled: Family::default(),
            unsettled_bytes: Family::default(),
            oldest_pending_seconds: Gauge::default(),
            wal_bytes: Gauge::default(),
            database_bytes: Gauge::default(),
        };
        metrics.register_counts(&mut registry);
        metrics.register_measures(&mut registry);
        metrics.registry = registry;
        metrics
    }
}

impl Metrics {
    fn register_counts(&self, registry: &mut Registry) {
        registry.register("events_accepted", "Events made durable", self.accepted.clone());
        registry.register("events_duplicate", "Events that were here before", self.duplicates.clone());
        registry.register("events_unmatched", "Events that no handler wants", self.unmatched.clone());
        registry.register("reloads", "Modules that changed, by what became of them", self.reloads.clone());
        registry.register("handler_paused", "1 while its events wait", self.paused.clone());
        registry.register("events_rejected", "Items of batches that are no events", self.rejected.clone());
        registry.register(
            "events_forgotten",
            "Events that were over and not kept longer",
            self.forgotten.clone(),
        );
        registry.register("spans_lost", "Spans that no collector took", self.spans_lost.clone());
        registry.register("attempts", "Recorded attempts by verdict", self.attempts.clone());
        registry.register("queue_depth", "Events that are not settled, by handler", self.unsettled.clone());
    }

    fn register_measures(&self, registry: &mut Registry) {
        let mut seconds = |name: &str, help: &str, histogram: &Histogram| {
            registry.register_with_unit(name, help, Unit::Seconds, histogram.clone());
        };
        seconds("accept_duration", "From handed over to durable", &self.accept_seconds);
        seconds("attempt_duration", "Wall-clock time of an attempt", &self.attempt_seconds);
        seconds("event_settled_after", "From accepted to settled", &self.settled_seconds);
        registry.register("attempt_fuel", "Fuel of an attempt", self.attempt_fuel.clone());
        let bytes = Unit::Bytes;
        let (memory, wal) = (self.attempt_memory_bytes.clone(), self.wal_bytes.clone());
        registry.register_with_unit("attempt_peak_memory", "Memory of an attempt", bytes.clone(), memory);
        let (queue, help) = (self.unsettled_bytes.clone(), "JSON of events that are not settled, by handler");
        registry.register_with_unit("queue", help, bytes.clone(), queue);
        registry.register_with_unit("wal", "Size of the write-ahead log", bytes.clone(), wal);
        registry.register_with_unit("database", "Size of the database", bytes, self.database_bytes.clone());
        registry.register_with_unit(
            "oldest_pending_age",
            "Since the oldest event that waits was accepted",
            Unit::Seconds,
            self.oldest_pending_seconds.clone(),
        );
    }

    /// Counts a module in that was looked at anew.
    pub fn reloaded(&self, handler: &str, reload: Reload) {
        let outcome = match reload {
            Reload::Swapped => "swapped",
            Reload::KeptOut => "kept_out",
        };
        self.reloads.get_or_create(&OfReload { handler: handler.to_owned(), outcome }).inc();
    }

    /// Counts an attempt in.
    pub fn attempt(&self, attempt: &AttemptFigures<'_>) {
        let AttemptFigures { handler, verdict, figures, settled_after, .. } = attempt;
        let labels = OfVerdict { handler: (*handler).to_owned(), verdict };
        self.attempts.get_or_create(&labels).inc();
        self.attempt_seconds.observe(figures.duration_us as f64 / 1e6);
        self.attempt_fuel.observe(figures.fuel as f64);
        self.attempt_memory_bytes.observe(figures.peak_memory_bytes as f64);
        if let Some(after) = settled_after {
            self.settled_seconds.observe(after.as_secs_f64());
        }
    }
}
