//! `POST /handlers/{name}/invoke`: a handler on one event, to see what it would do. Nothing is stored.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::api::events::structured_event;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::api::shape::{CloudEvent, ExchangeJson, LogJson, OutputJson, raw_json};
use crate::api::{Api, ServedHandler};
use crate::event::{Report, Verdict};
use crate::sandbox::{Answers, Invocation};
use crate::store::StoredOutput;

/// How it went.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvokedJson {
    verdict: String,
    #[schema(required = true)]
    message: Option<String>,
    #[serde(flatten)]
    output: OutputJson,
    /// The events it would have emitted.
    #[schema(value_type = Vec<Object>)]
    emitted: Vec<Box<RawValue>>,
    logs: Vec<LogJson>,
    /// The requests it sent, in their order.
    exchanges: Vec<ExchangeJson>,
    #[schema(required = true)]
    backtrace: Option<String>,
    fuel: u64,
    peak_memory_bytes: u64,
    duration_us: u64,
    handler_sha256: String,
}

/// Run a handler on an event without storing anything.
///
/// A fresh instance under the handler's limits, as for an event of the queue; one at a time.
#[utoipa::path(
    post, path = "/handlers/{name}/invoke", tag = "operation",
    params(("name" = String, Path, description = "The handler's name")),
    request_body(content = CloudEvent, content_type = "application/cloudevents+json"),
    responses(
        (status = 200, description = "It ran, well or not: see the verdict", body = InvokedJson),
        (status = 400, description = "No event", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such handler", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "The body came too slowly", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not application/cloudevents+json", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "Another one is being tried", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub async fn invoke(
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<InvokedJson>, Problem> {
    let handler = api.handler(&name)?.clone();
    let event = structured_event(&headers, body, handler.limits.event_bytes_max).await?;
    let Ok(turn) = api.trials.clone().try_acquire_owned() else {
        let detail = "another event is being tried; try again in a moment";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).retry_after(1));
    };
    let invocation = Invocation {
        hops: event.hops(),
        event: event.into_json(),
        attempt: 1,
        accepted_at: api.clock.now(),
        answers: Answers::Live,
    };
    let running = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        run(&handler, invocation)
    });
    running.await.unwrap_or_else(|_| Err(Problem::internal())).map(Json)
}

fn run(handler: &ServedHandler, invocation: Invocation) -> Result<InvokedJson, Problem> {
    let module = handler.module();
    let report = module.handler.invoke_alone(invocation).map_err(|_| Problem::internal())?;
    InvokedJson::of(&report, module.sha256).map_err(|_| Problem::internal())
}

impl InvokedJson {
    fn of(report: &Report, handler_sha256: String) -> std::io::Result<Self> {
        let Report { verdict, figures, logs, exchanges } = report;
        let emitted = match verdict {
            Verdict::Ok { emitted, .. } => emitted.as_slice(),
            _ => &[],
        };
        Ok(InvokedJson {
            verdict: verdict.code().to_owned(),
            message: verdict.message(),
            output: OutputJson::of(&StoredOutput::of(verdict))?,
            emitted: emitted.iter().map(|event| raw_json(event.json())).collect::<Result<_, _>>()?,
            logs: logs.iter().map(|line| LogJson::new(line.level.as_str(), &line.text)).collect(),
            exchanges: exchanges.iter().map(ExchangeJson::of).collect(),
            backtrace: verdict.backtrace().map(str::to_owned),
            fuel: figures.fuel,
            peak_memory_bytes: figures.peak_memory_bytes,
            duration_us: figures.duration_us,
            handler_sha256,
        })
    }
}
