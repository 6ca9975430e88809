//! The spans of a server: one for each attempt, and one for each `POST /events`. Their attributes are those of
//! OpenTelemetry's semantic conventions where it has any, and begin with `evq.` otherwise.

use std::time::{Duration, SystemTime};

use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Status, Tracer as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, Span};

use super::SERVICE;
use crate::event::{Attributes, Figures, TraceAttributes, Verdict};

/// Makes spans, where they are asked for.
#[derive(Clone, Default)]
pub struct Tracer(Option<SdkTracer>);

/// An attempt that has ended.
pub struct Attempt<'a> {
    pub handler: &'a str,
    /// Of its module, in hexadecimal.
    pub sha256: &'a str,
    pub event: Attributes<'a>,
    /// 1 for the first of this event by this handler.
    pub number: u32,
    pub verdict: &'a Verdict,
    pub figures: Figures,
    pub ended_at: SystemTime,
}

/// The span of an attempt, not told yet. Dropped, it was never there.
pub struct AttemptSpan {
    tracer: SdkTracer,
    builder: SpanBuilder,
    parent: Context,
    status: Status,
    ended_at: SystemTime,
}

/// The span of a request; it ends with this, if not before.
#[derive(Default)]
pub struct RequestSpan(Option<Span>);

impl Tracer {
    pub(super) fn new(tracer: SdkTracer) -> Self {
        Tracer(Some(tracer))
    }

    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// The span of an attempt, in its event's trace.
    pub fn attempt(&self, attempt: &Attempt<'_>) -> Option<Box<AttemptSpan>> {
        let tracer = self.0.clone()?;
        let took = Duration::from_micros(attempt.figures.duration_us);
        let builder = tracer
            .span_builder(format!("process {}", attempt.handler))
            .with_kind(SpanKind::Consumer)
            .with_start_time(attempt.ended_at.checked_sub(took).unwrap_or(attempt.ended_at))
            .with_attributes(attributes(attempt));
        let parent = parent(&attempt.event.trace);
        let status =
            if is_failure(attempt.verdict) { Status::error(attempt.verdict.reason()) } else { Status::Unset };
        Some(Box::new(AttemptSpan { tracer, builder, parent, status, ended_at: attempt.ended_at }))
    }

    /// The span of a `POST /events` that begins now, in the trace that its headers tell of.
    pub fn request(&self, headers: &TraceAttributes<'_>) -> RequestSpan {
        let Some(tracer) = &self.0 else { return RequestSpan::default() };
        let builder = tracer.span_builder("POST /events").with_kind(SpanKind::Server).with_attributes([
            KeyValue::new("http.request.method", "POST"),
            KeyValue::new("http.route", "/events"),
            KeyValue::new("url.path", "/events"),
        ]);
        RequestSpan(Some(tracer.build_with_context(builder, &parent(headers))))
    }
}

impl AttemptSpan {
    /// Tells of it: the attempt is recorded.
    pub fn tell(self) {
        let mut span = self.tracer.build_with_context(self.builder, &self.parent);
        span.set_status(self.status);
        span.end_with_timestamp(self.ended_at);
    }
}

impl RequestSpan {
    /// What an event says that came about in this request.
    pub fn trace(&self) -> Option<TraceAttributes<'static>> {
        let context = self.0.as_ref()?.span_context();
        let (trace, span, flags) = (context.trace_id(), context.span_id(), context.trace_flags());
        let parent = format!("00-{trace}-{span}-{:02x}", flags.to_u8());
        let state = context.trace_state().header();
        Some(TraceAttributes {
            parent: Some(parent.into()),
            state: (!state.is_empty()).then(|| state.into()),
        })
    }

    /// The request is answered.
    pub fn end(self, status: u16) {
        let Some(mut span) = self.0 else { return };
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
        if status >= 500 {
            span.set_attribute(KeyValue::new("error.type", status.to_string()));
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

fn attributes(attempt: &Attempt<'_>) -> Vec<KeyValue> {
    let Attempt { handler, sha256, event, number, verdict, figures, .. } = attempt;
    let (handler, id) = ((*handler).to_owned(), event.id.to_string());
    let number_of = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut attributes = vec![
        KeyValue::new("messaging.system", SERVICE),
        KeyValue::new("messaging.operation.name", "process"),
        KeyValue::new("messaging.operation.type", "process"),
        KeyValue::new("messaging.destination.name", handler),
        KeyValue::new("messaging.message.id", id.clone()),
        KeyValue::new("cloudevents.event_id", id),
        KeyValue::new("cloudevents.event_source", event.source.to_string()),
        KeyValue::new("cloudevents.event_type", event.type_.to_string()),
        KeyValue::new("evq.handler.sha256", (*sha256).to_owned()),
        KeyValue::new("evq.attempt", i64::from(*number)),
        KeyValue::new("evq.verdict", verdict.code()),
        KeyValue::new("evq.fuel", number_of(figures.fuel)),
        KeyValue::new("evq.peak_memory_bytes", number_of(figures.peak_memory_bytes)),
        KeyValue::new("evq.duration_us", number_of(figures.duration_us)),
    ];
    if is_failure(verdict) {
        attributes.push(KeyValue::new("error.type", verdict.code()));
    }
    attributes
}

/// A handler that asks to have its event again later has not failed.
fn is_failure(verdict: &Verdict) -> bool {
    !matches!(verdict, Verdict::Ok { .. } | Verdict::RetryAfter { .. })
}

/// The context to be the parent; an empty one, in which a trace begins, where none is told of.
fn parent(trace: &TraceAttributes<'_>) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &Told(trace))
}

struct Told<'a>(&'a TraceAttributes<'a>);

impl Extractor for Told<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.0.parent.as_deref().filter(|text| is_traceparent(text)),
            "tracestate" => self.0.state.as_deref(),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

/// Whether each part has its length and its digits. The SDK reads shorter ones, too, and makes up the rest.
fn is_traceparent(text: &str) -> bool {
    const PARTS_BYTES: usize = 55;
    let has_form = |(at, byte): (usize, u8)| match at {
        2 | 35 | 52 => byte == b'-',
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    };
    let (parts, rest) = text.as_bytes().split_at(text.len().min(PARTS_BYTES));
    let is_whole = parts.len() == PARTS_BYTES && parts.iter().copied().enumerate().all(has_form);
    // A later version than 00 may have further parts.
    is_whole && (rest.is_empty() || (!text.starts_with("00") && rest[0] == b'-'))
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TraceContextExt;

    use super::*;

    fn trace_of(parent: &str) -> TraceAttributes<'_> {
        TraceAttributes { parent: Some(parent.into()), state: Some("a=1".into()) }
    }

    #[test]
    fn what_is_no_traceparent_is_no_parent() {
        for good in [
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            let found = parent(&trace_of(good));
            let context = found.span().span_context().clone();
            assert!(context.is_valid() && context.is_remote(), "{good}");
            assert_eq!(context.is_sampled(), good.contains("31-01"), "{good}");
            assert_eq!(context.trace_state().header(), "a=1");
        }
        for bad in [
            "",
            "00",
            "00-af-b7-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333\u{e9}-01",
        ] {
            assert!(!parent(&trace_of(bad)).span().span_context().is_valid(), "{bad}");
        }
    }
}
