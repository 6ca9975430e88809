//! `POST /events/{id}/cancel`: an event that waits is ended before it is run.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::fate::Identity;
use crate::api::Api;
use crate::api::extract::{Path, Query};
use crate::api::problem::Problem;
use crate::store::Cancelled;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CancelQuery {
    /// The event's source; ids are unique within a source.
    source: String,
    /// At this handler alone.
    handler: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CancelledJson {
    /// The handlers at which it is dead now, with the error `cancelled`.
    cancelled: Vec<String>,
    /// Handlers at which it runs: there it goes on.
    running: u64,
}

/// Cancel an event that waits for its turn or for a retry.
///
/// It is dead at once, with a verdict `cancelled` in its history, and can be retried like any other.
#[utoipa::path(
    post, path = "/events/{id}/cancel", tag = "events",
    params(("id" = String, Path, description = "The event's id"), CancelQuery),
    responses(
        (status = 200, description = "Cancelled", body = CancelledJson),
        (status = 400, description = "Not understood", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such event", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It runs, or nothing of it waits", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "The database failed", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub async fn cancel(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    Query(CancelQuery { source, handler }): Query<CancelQuery>,
) -> Result<Json<CancelledJson>, Problem> {
    let identity = Identity { id, source };
    let Cancelled { handlers, running } = end(&api, &identity, handler).await?;
    if handlers.is_empty() {
        return Err(why_not(&api, identity, running).await?);
    }
    tell(&api, &identity, &handlers).await?;
    Ok(Json(CancelledJson { cancelled: handlers, running }))
}

/// Also when the client does not wait for it.
async fn end(api: &Arc<Api>, identity: &Identity, handler: Option<String>) -> Result<Cancelled, Problem> {
    let (api, Identity { id, source }) = (api.clone(), identity.clone());
    let ended =
        tokio::task::spawn_blocking(move || Ok(api.maintain.cancel(&source, &id, handler.as_deref())?));
    ended.await.unwrap_or_else(|_| Err(Problem::internal()))
}

/// Those who follow results, or wait for this one.
async fn tell(api: &Api, identity: &Identity, handlers: &[String]) -> Result<(), Problem> {
    for handler in handlers {
        let (Identity { id, source }, handler) = (identity.clone(), handler.clone());
        let row = api.readers.read(move |reader| reader.result_of(&source, &id, &handler)).await?;
        row.into_iter().for_each(|row| api.news.tell(row));
    }
    Ok(())
}

async fn why_not(api: &Api, Identity { id, source }: Identity, running: u64) -> Result<Problem, Problem> {
    if running > 0 {
        let detail = format!("event {id:?} is running, and an attempt that has begun is finished");
        return Ok(Problem::new(StatusCode::CONFLICT, "running", detail));
    }
    let wanted = id.clone();
    let events = api.readers.read(move |reader| reader.events(&wanted, Some(&source))).await?;
    if events.is_empty() {
        let detail = format!("no event with id {id:?}; is the source the right one?");
        return Ok(Problem::not_found(detail));
    }
    let detail = format!("nothing of event {id:?} waits; it is settled, or no handler has it");
    Ok(Problem::new(StatusCode::CONFLICT, "not-waiting", detail))
}
