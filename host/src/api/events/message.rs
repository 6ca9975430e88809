//! From a request to events: headers and body into the words of `event::http`.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde_json::value::RawValue;

use crate::api::bounds::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX};
use crate::api::extract::body_bytes;
use crate::api::problem::{Problem, too_large};
use crate::event::http::{BinaryMessage, Mode};
use crate::event::{IdPointer, InvalidEvent, NewEvent, RawLines, TraceAttributes, parse_event, utf8_text};
use crate::store::Rejected;

/// How a rejected event of a batch is found again in the table `rejected`.
const REJECTED_FROM: &str = "POST /events";

const ATTRIBUTE_PREFIX: &str = "ce-";

pub fn mode_of(headers: &HeaderMap) -> Result<Mode, Problem> {
    if headers.get_all(CONTENT_TYPE).iter().nth(1).is_some() {
        return Err(Problem::invalid_request(
            "content-type is given twice; which of them the body is, nobody can tell",
        ));
    }
    let content_type = content_type(headers).map(|value| String::from_utf8_lossy(value));
    let has_ce_headers = headers.keys().any(|name| name.as_str().starts_with(ATTRIBUTE_PREFIX));
    Ok(Mode::of(content_type.as_deref(), has_ce_headers)?)
}

/// The trace that a request says it belongs to.
pub fn trace_of(headers: &HeaderMap) -> TraceAttributes<'_> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(Cow::from);
    TraceAttributes { parent: text("traceparent"), state: text("tracestate") }
}

/// Bytes that a body in this mode may have.
pub fn body_bytes_max(mode: Mode, event_bytes_max: u64) -> u64 {
    match mode {
        Mode::Batched => BATCH_BYTES_MAX.max(event_bytes_max),
        Mode::Structured | Mode::Binary | Mode::Bare => event_bytes_max,
    }
}

/// Reads a body that can only be one event in structured mode.
pub async fn structured_event(headers: &HeaderMap, body: Body, bytes_max: u64) -> Result<NewEvent, Problem> {
    if !matches!(mode_of(headers)?, Mode::Structured) {
        let detail = "an event is wanted here, as application/cloudevents+json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail));
    }
    Ok(structured(&body_bytes(body, bytes_max).await?, bytes_max)?)
}

pub fn structured(body: &[u8], bytes_max: u64) -> Result<NewEvent, InvalidEvent> {
    parse_event(body, bytes_max)
}

pub fn binary(headers: &HeaderMap, body: &[u8], bytes_max: u64) -> Result<NewEvent, InvalidEvent> {
    let attributes = headers.iter().filter_map(|(name, value)| {
        name.as_str().strip_prefix(ATTRIBUTE_PREFIX).map(|name| (name, value.as_bytes()))
    });
    let message =
        BinaryMessage { attributes: attributes.collect(), content_type: content_type(headers), body };
    message.into_event(bytes_max)
}

/// Bare data: its type is in the query, its id in the header `idempotency-key` or its hash.
pub fn bare(
    headers: &HeaderMap,
    type_: Option<&str>,
    body: &[u8],
    bytes_max: u64,
) -> Result<NewEvent, Problem> {
    let type_ = type_
        .ok_or_else(|| Problem::invalid_request("bare JSON has no type; add ?type=, or send a CloudEvent"))?;
    let id = match headers.get("idempotency-key") {
        None => IdPointer::ContentHash,
        Some(key) => IdPointer::Given(key.to_str().map_err(|_| bad_key())?.into()),
    };
    Ok(RawLines::new(type_, id)?.wrap(body, bytes_max)?)
}

fn bad_key() -> Problem {
    Problem::invalid_request("the header idempotency-key is not printable ASCII")
}

/// Each event of a batch, or what it is instead.
pub fn batch(body: &[u8], bytes_max: u64) -> Result<Vec<Result<NewEvent, NotAnEvent>>, Problem> {
    let items: Vec<&RawValue> = serde_json::from_str(utf8_text(body)?).map_err(|e| {
        Problem::invalid_request(format!(
            "the batch is not a JSON array of events: {e}; nothing was accepted"
        ))
    })?;
    if items.len() > BATCH_EVENTS_MAX {
        let detail = format!("a batch of {} events, the limit is {BATCH_EVENTS_MAX}", items.len());
        return Err(too_large(detail, BATCH_EVENTS_MAX as u64));
    }
    let read = |(index, item): (usize, &&RawValue)| {
        let bytes = item.get().as_bytes();
        parse_event(bytes, bytes_max).map_err(|invalid| NotAnEvent::of(index, bytes, invalid))
    };
    Ok(items.iter().enumerate().map(read).collect())
}

/// An item of a batch that is no event: why, and how it is kept.
pub struct NotAnEvent {
    pub invalid: InvalidEvent,
    pub kept: Box<Rejected>,
}

impl NotAnEvent {
    fn of(index: usize, bytes: &[u8], invalid: InvalidEvent) -> Self {
        let kept = Rejected {
            file: REJECTED_FROM.to_owned(),
            line: index as u64 + 1,
            reason: invalid.to_string(),
            bytes: bytes[..bytes.len().min(Rejected::BYTES_KEPT_MAX)].to_vec(),
        };
        NotAnEvent { invalid, kept: Box::new(kept) }
    }
}

fn content_type(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get(CONTENT_TYPE).map(axum::http::HeaderValue::as_bytes)
}
