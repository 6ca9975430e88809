//! An event as one JSON object.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::cli::output::{JsonOutput, json_line, raw_json};
use crate::limits::Limits;
use crate::store::{AttemptDetail, DeliveryDetail, DeliveryState, EventDetail, StoredOutput};

pub fn print(out: &mut impl Write, event: &EventDetail) -> io::Result<()> {
    let deliveries = event.deliveries.iter().map(JsonDelivery::of).collect::<io::Result<_>>()?;
    let object = JsonEvent {
        seq: event.seq.0,
        accepted_at: event.accepted_at.to_string(),
        hops: event.hops,
        event: raw_json(&event.json)?,
        deliveries,
    };
    json_line(out, &object)
}

#[derive(Serialize)]
struct JsonEvent<'a> {
    seq: i64,
    accepted_at: String,
    hops: u32,
    event: Box<RawValue>,
    deliveries: Vec<JsonDelivery<'a>>,
}

#[derive(Serialize)]
struct JsonDelivery<'a> {
    handler: &'a str,
    /// 'pending', 'leased', 'ok' or 'dead'.
    state: &'static str,
    due_at: Option<String>,
    #[serde(flatten)]
    output: JsonOutput,
    error: Option<&'a str>,
    attempts: Vec<JsonAttempt<'a>>,
}

impl<'a> JsonDelivery<'a> {
    fn of(delivery: &'a DeliveryDetail) -> io::Result<Self> {
        let bare = JsonDelivery {
            handler: &delivery.handler,
            state: "",
            due_at: None,
            output: JsonOutput::of(&StoredOutput::None)?,
            error: None,
            attempts: delivery.attempts.iter().map(JsonAttempt::of).collect(),
        };
        Ok(match &delivery.state {
            DeliveryState::Pending { due_at, .. } => {
                JsonDelivery { state: "pending", due_at: due_at.map(|at| at.to_string()), ..bare }
            }
            DeliveryState::Leased { .. } => JsonDelivery { state: "leased", ..bare },
            DeliveryState::Settled { status, output, error } => JsonDelivery {
                state: status.as_str(),
                output: JsonOutput::of(output)?,
                error: error.as_deref(),
                ..bare
            },
        })
    }
}

#[derive(Serialize)]
struct JsonAttempt<'a> {
    number: u32,
    verdict: &'a str,
    message: Option<&'a str>,
    backtrace: Option<&'a str>,
    logs: Vec<JsonLog<'a>>,
    fuel: u64,
    peak_memory_bytes: u64,
    duration_us: u64,
    finished_at: String,
    handler_sha256: &'a str,
    engine: &'a str,
    limits: Option<Limits>,
}

#[derive(Serialize)]
struct JsonLog<'a> {
    level: &'a str,
    text: &'a str,
}

impl<'a> JsonAttempt<'a> {
    fn of(attempt: &'a AttemptDetail) -> Self {
        JsonAttempt {
            number: attempt.number,
            verdict: &attempt.verdict,
            message: attempt.message.as_deref(),
            backtrace: attempt.backtrace.as_deref(),
            logs: attempt.logs.iter().map(|(level, text)| JsonLog { level, text }).collect(),
            fuel: attempt.figures.fuel,
            peak_memory_bytes: attempt.figures.peak_memory_bytes,
            duration_us: attempt.figures.duration_us,
            finished_at: attempt.finished_at.to_string(),
            handler_sha256: &attempt.handler_sha256,
            engine: &attempt.engine,
            limits: attempt.limits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::show::tests::event;
    use crate::store::ResultStatus;

    fn object(event: &EventDetail) -> (String, serde_json::Value) {
        let mut out = Vec::new();
        print(&mut out, event).unwrap();
        let text = String::from_utf8(out).unwrap();
        let value = serde_json::from_str(&text).unwrap();
        (text, value)
    }

    #[test]
    fn the_event_stands_in_the_object_as_received() {
        let (text, value) = object(&event(DeliveryState::Leased { attempt: 2 }));
        assert!(text.contains(r#""event":{"id":"1","data":12345678901234567890123}"#), "{text}");
        assert_eq!(value["deliveries"][0]["state"], "leased");
        assert_eq!(value["deliveries"][0]["attempts"][0]["logs"][0]["text"], "hi\nthere");
    }

    #[test]
    fn a_settled_delivery_has_its_output_or_error() {
        let output = StoredOutput::Json("[1]".into());
        let settled = DeliveryState::Settled { status: ResultStatus::Ok, output, error: None };
        let (_, value) = object(&event(settled));
        assert_eq!(value["deliveries"][0]["output"][0], 1);
        assert_eq!(value["deliveries"][0]["state"], "ok");
    }
}
