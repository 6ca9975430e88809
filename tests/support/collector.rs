//! An OpenTelemetry collector of the test's own: takes OTLP over HTTP, and keeps what it took.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric::Data, number_data_point::Value as Number};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use super::until;

/// How a collector answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Takes,
    Refuses,
    /// Reads and never answers.
    Silent,
}

/// It listens until the test ends.
pub struct Collector {
    url: String,
    took: Arc<Mutex<Took>>,
}

#[derive(Default)]
struct Took {
    spans: Vec<Told>,
    metrics: Vec<Metric>,
    /// Of the service that told the latest.
    service: String,
    /// Of every request, by lower-case name.
    headers: Vec<Vec<(String, String)>>,
}

/// A span, with the words that the tests ask for.
#[derive(Debug, Clone)]
pub struct Told(Span);

impl Collector {
    pub fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let took = Arc::<Mutex<Took>>::default();
        let keeping = took.clone();
        std::thread::spawn(move || {
            // A silent one keeps its callers waiting, for as long as they hold on.
            let mut kept_waiting = Vec::new();
            for stream in listener.incoming().flatten() {
                kept_waiting.extend(attend(stream, manner, &keeping));
            }
        });
        Collector { url, took }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The spans so far.
    pub fn spans(&self) -> Vec<Told> {
        self.took.lock().unwrap().spans.clone()
    }

    /// Waits for so many spans with this name, in the order in which they were told.
    pub fn await_spans(&self, name: &str, count: usize) -> Vec<Told> {
        until(&format!("there are {count} spans {name:?}"), || {
            let spans: Vec<Told> = self.spans().into_iter().filter(|span| span.0.name == name).collect();
            (spans.len() >= count).then_some(spans)
        })
    }

    pub fn await_span(&self, name: &str) -> Told {
        self.await_spans(name, 1).remove(0)
    }

    pub fn service(&self) -> String {
        self.took.lock().unwrap().service.clone()
    }

    /// The latest of this name.
    #[track_caller]
    pub fn metric(&self, name: &str) -> Metric {
        let took = self.took.lock().unwrap();
        let found = took.metrics.iter().rev().find(|metric| metric.name == name);
        found.unwrap_or_else(|| panic!("no metric {name}")).clone()
    }

    /// The latest value of a counter or gauge with this attribute, if it is a whole number.
    #[track_caller]
    pub fn number(&self, name: &str, key: &str, value: &str) -> i64 {
        let metric = self.metric(name);
        let points = match metric.data.unwrap() {
            Data::Sum(sum) => sum.data_points,
            Data::Gauge(gauge) => gauge.data_points,
            other => panic!("{other:?}"),
        };
        let found = points.iter().find(|point| text_of(&point.attributes, key).as_deref() == Some(value));
        match found.unwrap_or_else(|| panic!("{name} has none with {key} = {value}")).value {
            Some(Number::AsInt(number)) => number,
            other => panic!("{other:?}"),
        }
    }

    /// The value of a header, in each request so far.
    pub fn header(&self, name: &str) -> Vec<Option<String>> {
        let of = |headers: &Vec<(String, String)>| {
            headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        self.took.lock().unwrap().headers.iter().map(of).collect()
    }
}

impl Told {
    pub fn trace(&self) -> String {
        hex::encode(&self.0.trace_id)
    }

    pub fn id(&self) -> String {
        hex::encode(&self.0.span_id)
    }

    /// The id of its parent; empty for one that begins its trace.
    pub fn parent(&self) -> String {
        hex::encode(&self.0.parent_span_id)
    }

    pub fn state(&self) -> &str {
        &self.0.trace_state
    }

    pub fn kind(&self) -> &'static str {
        self.0.kind().as_str_name()
    }

    /// Its error; `None` when it says of none.
    pub fn error(&self) -> Option<&str> {
        let status = self.0.status.as_ref()?;
        (status.code().as_str_name() == "STATUS_CODE_ERROR").then_some(&status.message)
    }

    pub fn started_at(&self) -> u64 {
        self.0.start_time_unix_nano
    }

    pub fn ended_at(&self) -> u64 {
        self.0.end_time_unix_nano
    }

    /// An attribute as text.
    #[track_caller]
    pub fn text(&self, key: &str) -> String {
        text_of(&self.0.attributes, key).unwrap_or_else(|| panic!("no {key} in {:?}", self.0.attributes))
    }
}

fn text_of(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{key} is {other:?}"),
    }
}

/// Reads one request and answers it; the stream comes back when nobody answers.
fn attend(mut stream: TcpStream, manner: Manner, took: &Mutex<Took>) -> Option<TcpStream> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        // Whoever sends may go away at any time.
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let pair =
        |line: &String| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: Vec<(String, String)> = lines.iter().skip(1).filter_map(pair).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    if lines.is_empty() || reader.read_exact(&mut body).is_err() {
        return None;
    }
    let status = match manner {
        Manner::Takes => {
            took.lock().unwrap().take(&lines[0], headers, &body);
            "200 OK"
        }
        Manner::Refuses => "500 Internal Server Error",
        Manner::Silent => return Some(stream),
    };
    let _ = write!(stream, "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    None
}

impl Took {
    fn take(&mut self, request: &str, headers: Vec<(String, String)>, body: &[u8]) {
        self.headers.push(headers);
        if request.starts_with("POST /v1/traces ") {
            for of_resource in ExportTraceServiceRequest::decode(body).unwrap().resource_spans {
                self.service = text_of(&of_resource.resource.unwrap().attributes, "service.name").unwrap();
                let spans = of_resource.scope_spans.into_iter().flat_map(|of_scope| of_scope.spans);
                self.spans.extend(spans.map(Told));
            }
        } else {
            assert!(request.starts_with("POST /v1/metrics "), "{request}");
            for of_resource in ExportMetricsServiceRequest::decode(body).unwrap().resource_metrics {
                self.service = text_of(&of_resource.resource.unwrap().attributes, "service.name").unwrap();
                self.metrics.extend(of_resource.scope_metrics.into_iter().flat_map(|scope| scope.metrics));
            }
        }
    }
}
