//! The way of a span: through the SDK's queue, whose bound and losses are counted here, to the exporter.
//!
//! The SDK drops spans beyond its bound as well, but tells nobody how many.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_otlp::{Protocol, SpanExporter as OtlpExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor,
};
use ureq::http::HeaderMap;

use super::client::{Client, SEND_TIME_MAX};
use super::collector::{Collector, CollectorError};
use super::lost::{Lost, TellLost};

/// Spans that wait to be sent. One takes about 2 KiB.
const WAITING_MAX: u64 = 8192;

/// What waits, and who is told of what is lost.
#[derive(Debug, Clone)]
pub struct SpanQueue {
    waiting: Arc<AtomicU64>,
    lost: TellLost,
}

impl SpanQueue {
    /// A queue, and the SDK's end of it.
    ///
    /// # Errors
    /// When one of OpenTelemetry's environment variables makes no sense.
    pub fn to(collector: &Collector, lost: TellLost) -> Result<(Bounded, Self), CollectorError> {
        let client = Client::new(HeaderMap::new());
        let exporter = OtlpExporter::builder()
            .with_http()
            .with_http_client(client.clone())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(collector.url("v1/traces"))
            .with_timeout(SEND_TIME_MAX)
            .build()
            .map_err(|error| collector.refused(error))?;
        let queue = SpanQueue { waiting: Arc::default(), lost };
        let exporter = Counted { exporter, client, queue: queue.clone() };
        let config = BatchConfigBuilder::default().with_max_queue_size(WAITING_MAX as usize).build();
        let batches = BatchSpanProcessor::builder(exporter).with_batch_config(config).build();
        Ok((Bounded { batches, queue: queue.clone() }, queue))
    }

    /// Tells how many spans nobody will send any more.
    pub fn tell_unsent(&self) {
        let spans = self.waiting.swap(0, Ordering::SeqCst);
        if spans > 0 {
            self.lost.tell(Lost::Unsent { spans });
        }
    }

    fn has_taken_in(&self) -> bool {
        let has_room = self.waiting.fetch_add(1, Ordering::SeqCst) < WAITING_MAX;
        if !has_room {
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
        has_room
    }

    fn let_out(&self, spans: u64) {
        // At the end the count may have been closed before the last batch came back.
        let _ = self
            .waiting
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |waiting| Some(waiting.saturating_sub(spans)));
    }
}

/// Takes spans in as long as there is room.
#[derive(Debug)]
pub struct Bounded {
    batches: BatchSpanProcessor,
    queue: SpanQueue,
}

impl SpanProcessor for Bounded {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.queue.has_taken_in() {
            self.batches.on_end(span);
        } else {
            self.queue.lost.tell(Lost::Crowded);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

/// Counts out what is sent, and what the collector does not take.
#[derive(Debug)]
struct Counted {
    exporter: OtlpExporter,
    client: Client,
    queue: SpanQueue,
}

impl SpanExporter for Counted {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len() as u64;
        let exported = self.exporter.export(batch).await;
        self.queue.let_out(spans);
        if let Err(error) = &exported {
            let reason = self.client.trouble().unwrap_or_else(|| error.to_string());
            self.queue.lost.tell(Lost::Refused { spans, reason });
        }
        exported
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
