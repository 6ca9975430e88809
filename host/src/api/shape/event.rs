//! An event with all that happened to it, as one JSON object.

use std::io;

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{ExchangeJson, OutputJson, raw_json};
use crate::limits::Limits;
use crate::store::{AttemptDetail, DeliveryDetail, DeliveryState, EventDetail, StoredOutput};

/// An event and its story.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventJson {
    /// Its number in this store, in order of acceptance.
    seq: i64,
    accepted_at: String,
    /// Handlers between this event and one from outside.
    hops: u32,
    /// The CloudEvent as received.
    #[schema(value_type = Object)]
    event: Box<RawValue>,
    deliveries: Vec<DeliveryJson>,
}

impl EventJson {
    /// # Errors
    /// When a stored text is not JSON, which the store never holds.
    pub fn of(event: &EventDetail) -> io::Result<Self> {
        Ok(EventJson {
            seq: event.seq.0,
            accepted_at: event.accepted_at.to_string(),
            hops: event.hops,
            event: raw_json(&event.json)?,
            deliveries: event.deliveries.iter().map(DeliveryJson::of).collect::<io::Result<_>>()?,
        })
    }
}

/// The event at one handler.
#[derive(Debug, Serialize, ToSchema)]
struct DeliveryJson {
    handler: String,
    /// `pending`, `leased`, `ok` or `dead`.
    #[schema(value_type = String, pattern = "^(pending|leased|ok|dead)$")]
    state: &'static str,
    #[schema(required = true)]
    due_at: Option<String>,
    #[serde(flatten)]
    output: OutputJson,
    #[schema(required = true)]
    error: Option<String>,
    attempts: Vec<AttemptJson>,
}

impl DeliveryJson {
    fn of(delivery: &DeliveryDetail) -> io::Result<Self> {
        let bare = DeliveryJson {
            handler: delivery.handler.clone(),
            state: "",
            due_at: None,
            output: OutputJson::of(&StoredOutput::None)?,
            error: None,
            attempts: delivery.attempts.iter().map(AttemptJson::of).collect(),
        };
        Ok(match &delivery.state {
            DeliveryState::Pending { due_at, .. } => {
                DeliveryJson { state: "pending", due_at: due_at.map(|at| at.to_string()), ..bare }
            }
            DeliveryState::Leased { .. } => DeliveryJson { state: "leased", ..bare },
            DeliveryState::Settled { status, output, error } => DeliveryJson {
                state: status.as_str(),
                output: OutputJson::of(output)?,
                error: error.clone(),
                ..bare
            },
        })
    }
}

/// One attempt as recorded.
#[derive(Debug, Serialize, ToSchema)]
struct AttemptJson {
    number: u32,
    verdict: String,
    #[schema(required = true)]
    message: Option<String>,
    #[schema(required = true)]
    backtrace: Option<String>,
    logs: Vec<LogJson>,
    /// The requests it sent, in their order.
    exchanges: Vec<ExchangeJson>,
    fuel: u64,
    peak_memory_bytes: u64,
    duration_us: u64,
    finished_at: String,
    handler_sha256: String,
    engine: String,
    /// What the attempt could use at most; null for one of an older program.
    #[schema(value_type = Option<Object>, required = true)]
    limits: Option<Limits>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LogJson {
    level: String,
    text: String,
}

impl LogJson {
    pub fn new(level: &str, text: &str) -> Self {
        LogJson { level: level.to_owned(), text: text.to_owned() }
    }
}

impl AttemptJson {
    fn of(attempt: &AttemptDetail) -> Self {
        let log = |(level, text): &(String, String)| LogJson::new(level, text);
        AttemptJson {
            number: attempt.number,
            verdict: attempt.verdict.clone(),
            message: attempt.message.clone(),
            backtrace: attempt.backtrace.clone(),
            logs: attempt.logs.iter().map(log).collect(),
            exchanges: attempt.exchanges.iter().map(ExchangeJson::of).collect(),
            fuel: attempt.figures.fuel,
            peak_memory_bytes: attempt.figures.peak_memory_bytes,
            duration_us: attempt.figures.duration_us,
            finished_at: attempt.finished_at.to_string(),
            handler_sha256: attempt.handler_sha256.clone(),
            engine: attempt.engine.clone(),
            limits: attempt.limits,
        }
    }
}
