//! `GET /events/{id}`: an event with all that happened to it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::Api;
use crate::api::extract::{Path, Query};
use crate::api::problem::Problem;
use crate::api::shape::EventJson;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ShowQuery {
    /// Only the event of this source; ids are unique within a source.
    source: Option<String>,
}

/// All events with an id: one, unless several sources use it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventsJson {
    events: Vec<EventJson>,
}

/// Show an event and its attempts.
#[utoipa::path(
    get, path = "/events/{id}", tag = "events",
    params(("id" = String, Path, description = "The event's id"), ShowQuery),
    responses(
        (status = 200, description = "The event", body = EventsJson),
        (status = 400, description = "Not understood", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such event", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    Query(query): Query<ShowQuery>,
) -> Result<Json<EventsJson>, Problem> {
    let (wanted, source) = (id.clone(), query.source);
    let events = api.readers.read(move |reader| reader.events(&wanted, source.as_deref())).await?;
    if events.is_empty() {
        return Err(Problem::not_found(format!("no event with id {id:?}; is the source the right one?")));
    }
    let events = events.iter().map(EventJson::of).collect::<std::io::Result<_>>();
    Ok(Json(EventsJson { events: events.map_err(|_| Problem::internal())? }))
}
