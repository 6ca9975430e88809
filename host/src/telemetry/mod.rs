//! OpenTelemetry, on request: spans of attempts and requests, and the metrics of `/metrics`, to a collector
//! that speaks OTLP over HTTP.
//!
//! ```text
//! Tracer ── spans ──> bounded queue ──> a thread that sends batches ──┐
//!                                                                     ├──> collector
//! /metrics' text ──> a thread that reads and sends it ────────────────┘
//! ```
//!
//! OpenTelemetry's types stay in this room. Nobody who works waits for it: what the queue has no room for is
//! lost and counted, and so is what the collector does not take.

mod client;
mod collector;
mod exposition;
mod lost;
mod metrics;
mod queue;
mod spans;

use std::time::{Duration, Instant, SystemTime};

use opentelemetry::trace::TracerProvider;
use opentelemetry::{InstrumentationScope, Key, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;

pub use collector::{Collector, CollectorError};
pub use lost::{Lost, TellLost};
pub use metrics::Gather;
pub use spans::{Attempt, AttemptSpan, RequestSpan, Tracer};

use client::Client;
use metrics::Sender;
use queue::SpanQueue;

/// What a server is called unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` says otherwise.
const SERVICE: &str = "wasm-evq";

/// Telemetry at work; nothing at all where nobody asked for it.
#[derive(Default)]
pub struct Telemetry {
    spans: Option<Spans>,
    metrics: Option<Sender>,
}

struct Spans {
    provider: SdkTracerProvider,
    queue: SpanQueue,
}

impl Telemetry {
    /// Sends spans to a collector from now on. `gather` makes the text of `/metrics`, to be sent, too.
    ///
    /// # Errors
    /// When an environment variable of OpenTelemetry's makes no sense, or the machine gives no thread.
    pub fn start(collector: &Collector, gather: Gather, lost: TellLost) -> Result<Self, CollectorError> {
        let resource = resource();
        let spans = collector.takes_traces.then(|| Spans::start(collector, &resource, &lost)).transpose()?;
        let client = Client::new(collector.metrics_headers.clone());
        let sender = || Sender::start(collector.url("v1/metrics"), client, &resource, gather, lost);
        let metrics = collector.takes_metrics.then(sender).transpose();
        Ok(Telemetry { spans, metrics: metrics.map_err(|e| collector.refused(e))? })
    }

    /// Makes the spans; one that makes none where none are asked for.
    pub fn tracer(&self) -> Tracer {
        let Some(spans) = &self.spans else { return Tracer::default() };
        let version = env!("CARGO_PKG_VERSION");
        let scope = InstrumentationScope::builder(SERVICE).with_version(version).build();
        Tracer::new(spans.provider.tracer_with_scope(scope))
    }

    /// Sends what is gathered, for no longer than this. To be called when nothing more comes.
    pub fn end(self, time_max: Duration) {
        let until = Instant::now() + time_max;
        let metrics = self.metrics.map(Sender::stop);
        if let Some(Spans { provider, queue }) = self.spans {
            // Whether it came through is told by what is still in the queue.
            let _ = provider.shutdown_with_timeout(time_max);
            queue.tell_unsent();
        }
        if let Some(metrics) = metrics {
            metrics.wait(until);
        }
    }
}

impl Spans {
    fn start(collector: &Collector, resource: &Resource, lost: &TellLost) -> Result<Self, CollectorError> {
        let (processor, queue) = SpanQueue::to(collector, lost.clone())?;
        let builder = SdkTracerProvider::builder().with_resource(resource.clone());
        Ok(Spans { provider: builder.with_span_processor(processor).build(), queue })
    }
}

/// Who we are, as the environment says, with a name in any case.
fn resource() -> Resource {
    let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let named = Resource::builder().with_attribute(version).build();
    match named.get(&Key::new("service.name")) {
        Some(Value::String(name)) if !name.as_str().starts_with("unknown_service") => named,
        _ => Resource::builder().with_attributes(pairs(&named)).with_service_name(SERVICE).build(),
    }
}

fn pairs(resource: &Resource) -> impl Iterator<Item = opentelemetry::KeyValue> {
    resource.iter().map(|(key, value)| opentelemetry::KeyValue::new(key.clone(), value.clone()))
}

fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
