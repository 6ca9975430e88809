//! `GET /dead/reasons` and `GET /dead/count`: what there is to act on, before acting.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::Api;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::api::refusals::LookRefusals;
use crate::store::DeadFilter;

/// Counting ends here: more than this is said, not counted.
const COUNTED_MAX: u64 = 100_000;

#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonsJson {
    /// Most events first, at most 100.
    reasons: Vec<ReasonJson>,
    /// Whether every dead event was looked at; else only the latest 20,000 of each handler were.
    is_complete: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct ReasonJson {
    handler: String,
    error: String,
    events: u64,
    /// When the last of them ended.
    latest_at: String,
}

/// Group the dead by handler and reason.
#[utoipa::path(
    get, path = "/dead/reasons", tag = "dead",
    responses(
        (status = 200, description = "The reasons", body = ReasonsJson),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn reasons(State(api): State<Arc<Api>>) -> Result<Json<ReasonsJson>, Problem> {
    let found = api.readers.read(|reader| reader.dead_reasons()).await?;
    let reason = |reason: crate::store::DeadReason| ReasonJson {
        handler: reason.handler,
        error: reason.error,
        events: reason.events,
        latest_at: reason.latest_at.to_string(),
    };
    let reasons = found.reasons.into_iter().map(reason).collect();
    Ok(Json(ReasonsJson { reasons, is_complete: found.is_complete }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CountQuery {
    /// The event's id.
    event: Option<String>,
    /// The event's source.
    source: Option<String>,
    /// Only events of this type.
    #[serde(rename = "type")]
    type_: Option<String>,
    /// Only those of this handler.
    handler: Option<String>,
    /// Only those whose error holds this text.
    error: Option<String>,
    /// Only those whose error is this text.
    error_is: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CountJson {
    events: u64,
    /// Whether there are more than were counted.
    is_more: bool,
    /// Those that end later are not among them; see `until` of retry and drop.
    as_of: String,
}

/// Count dead events as retry and drop would choose them.
#[utoipa::path(
    get, path = "/dead/count", tag = "dead", params(CountQuery),
    responses(
        (status = 200, description = "How many", body = CountJson),
        LookRefusals,
    )
)]
pub async fn count(
    State(api): State<Arc<Api>>,
    Query(query): Query<CountQuery>,
) -> Result<Json<CountJson>, Problem> {
    let filter = DeadFilter {
        event_id: query.event,
        source: query.source,
        type_: query.type_,
        handler: query.handler,
        error_contains: query.error,
        error_is: query.error_is,
        ..DeadFilter::default()
    };
    Ok(Json(counted(&api, filter).await?))
}

pub async fn counted(api: &Api, filter: DeadFilter) -> Result<CountJson, Problem> {
    let as_of = api.clock.now();
    let filter = DeadFilter { limit: Some(COUNTED_MAX + 1), finished_before: Some(as_of), ..filter };
    let events = api.readers.read(move |reader| reader.count_dead(&filter)).await?;
    Ok(CountJson { events: events.min(COUNTED_MAX), is_more: events > COUNTED_MAX, as_of: as_of.to_string() })
}
