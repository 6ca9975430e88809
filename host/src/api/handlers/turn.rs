//! `POST /handlers/{name}/pause` and `/resume`: a person's hand on a handler, remembered over restarts.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::list::HandlerJson;
use crate::api::Api;
use crate::api::extract::Path;
use crate::api::problem::Problem;
use crate::store::Activity;

/// Pause a handler.
///
/// Attempts that run are finished. Its events are accepted and wait, also after a restart.
#[utoipa::path(
    post, path = "/handlers/{name}/pause", tag = "operation",
    params(("name" = String, Path, description = "The handler's name")),
    responses(
        (status = 200, description = "It is paused", body = HandlerJson),
        (status = 400, description = "Not understood", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such handler", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The database failed", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub async fn pause(
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<HandlerJson>, Problem> {
    turn(api, name, Activity::Paused).await
}

/// Let a paused handler run again.
#[utoipa::path(
    post, path = "/handlers/{name}/resume", tag = "operation",
    params(("name" = String, Path, description = "The handler's name")),
    responses(
        (status = 200, description = "It runs", body = HandlerJson),
        (status = 400, description = "Not understood", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such handler", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The database failed", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub async fn resume(
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
) -> Result<Json<HandlerJson>, Problem> {
    turn(api, name, Activity::Running).await
}

/// Also when the client does not wait for it.
async fn turn(api: Arc<Api>, name: String, activity: Activity) -> Result<Json<HandlerJson>, Problem> {
    let handler = api.handler(&name)?.clone();
    let turned = tokio::task::spawn_blocking(move || {
        handler.turn(activity, &*api.maintain)?;
        Ok(Json(HandlerJson::of(&handler, &api.history)))
    });
    turned.await.unwrap_or_else(|_| Err(Problem::internal()))
}
