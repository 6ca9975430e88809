//! `POST /events`: durable first, then 202.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use utoipa::IntoParams;

use super::fate::{Accepted, BatchFate, Durable, Identity, ItemFate, NotAccepted, all_rejected};
use super::message::{self, NotAnEvent, trace_of};
use super::wait::{Waiting, wait_of};
use crate::api::Api;
use crate::api::access::Pass;
use crate::api::extract::{Query, body_bytes};
use crate::api::problem::Problem;
use crate::api::shape::{CloudEvent, SettledJson};
use crate::event::TraceAttributes;
use crate::event::http::Mode;
use crate::store::{Addressed, EnqueueFate};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AcceptQuery {
    /// The event's type, when the body is bare JSON.
    #[serde(rename = "type")]
    type_: Option<String>,
    /// Hold the answer until each handler of the event has settled it, at most so long: 5s, 250ms. One
    /// event only.
    #[param(example = "5s", pattern = "^([1-5]?[0-9]s|[1-9][0-9]{0,3}ms)$")]
    wait: Option<String>,
}

/// Take events in.
///
/// One CloudEvent in structured or binary mode, a batch of them, or bare JSON with `?type=`. The
/// answer comes once they are durable. A batch whose events are accepted in part is answered with
/// 207; what is no event is kept in the table `rejected`.
#[utoipa::path(
    post, path = "/events", tag = "events", params(AcceptQuery),
    request_body(content(
        (CloudEvent = "application/cloudevents+json"),
        (Vec<CloudEvent> = "application/cloudevents-batch+json"),
        (serde_json::Value = "application/json"),
    )),
    responses(
        (status = 200, description = "Settled while the sender waited", body = SettledJson),
        (status = 202, description = "Durable: one event, or every event of a batch", body = Durable),
        (status = 207, description = "A batch accepted in part", body = BatchFate),
        (status = 400, description = "No event; nothing was accepted", body = Problem,
            content_type = "application/problem+json"),
        (status = 408, description = "The body came too slowly", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "No content type of an event", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "The queue is full; come again after Retry-After", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "Too busy, no room on the disk, or stopping; come again after Retry-After",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn accept(
    State(api): State<Arc<Api>>,
    Query(query): Query<AcceptQuery>,
    Extension(pass): Extension<Pass>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let span = api.tracer.request(&trace_of(&headers));
    let answer = take_in(&api, query, pass, headers, body, span.trace()).await;
    let answer = answer.unwrap_or_else(IntoResponse::into_response);
    span.end(answer.status().as_u16());
    answer
}

/// Takes in what came in a request; each event that names no trace is one of the request's.
async fn take_in(
    api: &Arc<Api>,
    query: AcceptQuery,
    pass: Pass,
    headers: HeaderMap,
    body: Body,
    trace: Option<TraceAttributes<'_>>,
) -> Result<Response, Problem> {
    let mode = message::mode_of(&headers)?;
    let wait = query.wait.as_deref().map(wait_of).transpose()?;
    if api.is_stopping() {
        return Err(Problem::stopping());
    }
    api.pressure.check()?;
    let bytes_max = api.event_bytes_max();
    let body = body_bytes(body, message::body_bytes_max(mode, bytes_max)).await?;
    let event = match mode {
        Mode::Batched if wait.is_some() => {
            return Err(Problem::invalid_request("wait is for one event; send the batch without it"));
        }
        Mode::Batched => return accept_batch(api, &body, trace).await,
        Mode::Structured => message::structured(&body, bytes_max)?,
        Mode::Binary => message::binary(&headers, &body, bytes_max)?,
        Mode::Bare => message::bare(&headers, query.type_.as_deref(), &body, bytes_max)?,
    };
    let (identity, event) = (Identity::of(&event), api.address(event, trace.as_ref()));
    let Some(wait) = wait else { return Ok(accepted(identity.with(accept_one(api, event).await?))) };
    let waiting = Waiting::start(&api.news, identity.clone(), api.served_of(&event.to));
    let fate = accept_one(api, event).await?;
    match waiting.results(api, pass, wait, fate).await? {
        Some(rows) => Ok(Json(SettledJson::of(&rows).map_err(|_| Problem::internal())?).into_response()),
        None => Ok(accepted(identity.with(fate))),
    }
}

fn accepted(fate: Accepted) -> Response {
    (StatusCode::ACCEPTED, [(LOCATION, fate.link.clone())], Json(Durable::One(fate))).into_response()
}

async fn accept_one(api: &Api, event: Addressed) -> Result<EnqueueFate, Problem> {
    let fates = enqueue(api, vec![event]).await?;
    fates.first().copied().ok_or_else(Problem::internal)
}

async fn enqueue(api: &Api, events: Vec<Addressed>) -> Result<Vec<EnqueueFate>, Problem> {
    let handed_over_at = Instant::now();
    let fates = api.acceptor.accept(events).await?;
    api.metrics.accept_seconds.observe(handed_over_at.elapsed().as_secs_f64());
    let mut new = 0;
    for fate in &fates {
        match fate {
            EnqueueFate::Enqueued { .. } => new += 1,
            EnqueueFate::Duplicate(_) => drop(api.metrics.duplicates.inc()),
            EnqueueFate::Unmatched(_) => drop(api.metrics.unmatched.inc()),
        }
    }
    api.metrics.accepted.inc_by(new);
    api.history.accepted(new);
    Ok(fates)
}

async fn accept_batch(
    api: &Arc<Api>,
    body: &Bytes,
    trace: Option<TraceAttributes<'_>>,
) -> Result<Response, Problem> {
    let items = message::batch(body, api.event_bytes_max())?;
    if items.is_empty() {
        // The binding allows an empty batch: there is nothing to accept, and nothing wrong with that.
        return Ok(answer_batch(BatchFate::of(Vec::new())));
    }
    let mut events = Vec::with_capacity(items.len());
    let mut fates = Vec::with_capacity(items.len());
    let mut kept = Vec::new();
    for item in items {
        match item {
            Ok(event) => {
                fates.push(Err(Identity::of(&event)));
                events.push(api.address(event, trace.as_ref()));
            }
            Err(NotAnEvent { invalid, kept: line }) => {
                fates.push(Ok(NotAccepted::from(&invalid)));
                kept.push(*line);
            }
        }
    }
    keep_rejected(api, kept).await?;
    let mut enqueued = enqueue(api, events).await?.into_iter();
    let mut items = Vec::with_capacity(fates.len());
    for fate in fates {
        items.push(match fate {
            Ok(rejected) => ItemFate::Rejected(rejected),
            Err(identity) => {
                ItemFate::Accepted(identity.with(enqueued.next().ok_or_else(Problem::internal)?))
            }
        });
    }
    Ok(answer_batch(BatchFate::of(items)))
}

fn answer_batch(batch: BatchFate) -> Response {
    match (batch.rejected, batch.accepted + batch.duplicates + batch.unmatched) {
        (0, _) => (StatusCode::ACCEPTED, Json(Durable::Batch(batch))).into_response(),
        (_, 0) => all_rejected(&batch).into_response(),
        _ => (StatusCode::MULTI_STATUS, Json(batch)).into_response(),
    }
}

async fn keep_rejected(api: &Arc<Api>, lines: Vec<crate::store::Rejected>) -> Result<(), Problem> {
    if lines.is_empty() {
        return Ok(());
    }
    let (api, count) = (api.clone(), lines.len() as u64);
    let keep = tokio::task::spawn_blocking(move || {
        api.enqueue.reject(lines)?;
        api.metrics.rejected.inc_by(count);
        Ok(())
    });
    keep.await.unwrap_or_else(|_| Err(Problem::internal()))
}
