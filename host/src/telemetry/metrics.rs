//! Sends the series of `/metrics`, every so often and once more at the end.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use opentelemetry_http::{Bytes, Request};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::metrics::v1::{ResourceMetrics, ScopeMetrics};
use opentelemetry_proto::tonic::resource::v1::Resource as ResourceMessage;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_sdk::Resource;
use prost::Message;
use ureq::http::header::CONTENT_TYPE;

use super::client::Client;
use super::exposition::{Span, metrics_of};
use super::lost::{Lost, TellLost};
use super::{SERVICE, nanos};

/// Makes the text of `/metrics`, in Prometheus's format; `None` when it cannot just now.
pub type Gather = Box<dyn FnMut() -> Option<String> + Send>;

/// Between two sendings, unless `OTEL_METRIC_EXPORT_INTERVAL` says otherwise, in milliseconds.
const INTERVAL: Duration = Duration::from_secs(60);

/// The thread that sends. It ends once this is dropped or stopped.
pub struct Sender {
    stop: crossbeam_channel::Sender<()>,
    ended: Receiver<()>,
}

/// A sender that sends its last.
pub struct Ending(Receiver<()>);

impl Sender {
    /// # Errors
    /// When the machine gives no thread.
    pub fn start(
        url: String,
        client: Client,
        resource: &Resource,
        gather: Gather,
        lost: TellLost,
    ) -> std::io::Result<Self> {
        let resource = ResourceMessage {
            attributes: ResourceAttributesWithSchema::from(resource).attributes.0,
            ..ResourceMessage::default()
        };
        let mut rounds = Rounds { url, client, resource, gather, lost, began_at: SystemTime::now() };
        let (stop, stopped) = bounded::<()>(0);
        let (end, ended) = bounded(1);
        let body = move || {
            rounds.run(&stopped, interval());
            // Nobody may wait for it.
            let _ = end.send(());
        };
        thread::Builder::new().name("evq-otlp-metrics".into()).spawn(body)?;
        Ok(Sender { stop, ended })
    }

    /// Has the last of it sent.
    pub fn stop(self) -> Ending {
        drop(self.stop);
        Ending(self.ended)
    }
}

impl Ending {
    pub fn wait(self, until: Instant) {
        // What is not sent by then is not sent.
        let _ = self.0.recv_deadline(until);
    }
}

fn interval() -> Duration {
    let asked = std::env::var("OTEL_METRIC_EXPORT_INTERVAL").ok().and_then(|text| text.parse().ok());
    asked.filter(|millis| *millis > 0).map_or(INTERVAL, Duration::from_millis)
}

struct Rounds {
    url: String,
    client: Client,
    resource: ResourceMessage,
    gather: Gather,
    lost: TellLost,
    /// Since when the counters count.
    began_at: SystemTime,
}

impl Rounds {
    fn run(&mut self, stopped: &Receiver<()>, interval: Duration) {
        while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
            self.send();
        }
        self.send();
    }

    fn send(&mut self) {
        let Some(text) = (self.gather)() else {
            return self.lost.tell(Lost::Metrics { reason: "they cannot be gathered".into() });
        };
        let message = self.message(&text).encode_to_vec();
        let request = Request::post(&self.url).header(CONTENT_TYPE, "application/x-protobuf");
        let Ok(request) = request.body(Bytes::from(message)) else { return };
        // What went wrong is the client's to say.
        let _ = self.client.send(request);
        if let Some(reason) = self.client.trouble() {
            self.lost.tell(Lost::Metrics { reason });
        }
    }

    fn message(&self, text: &str) -> ExportMetricsServiceRequest {
        let span = Span { from: nanos(self.began_at), to: nanos(SystemTime::now()) };
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let scope = InstrumentationScope { name: SERVICE.to_owned(), version, ..Default::default() };
        let metrics = metrics_of(text, span);
        let of_scope = ScopeMetrics { scope: Some(scope), metrics, ..ScopeMetrics::default() };
        let of_resource = ResourceMetrics {
            resource: Some(self.resource.clone()),
            scope_metrics: vec![of_scope],
            ..ResourceMetrics::default()
        };
        ExportMetricsServiceRequest { resource_metrics: vec![of_resource] }
    }
}
