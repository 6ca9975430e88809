//! `GET /overview`: how it goes, as one look: the last five minutes, what waits, who runs.

mod history;
mod recent;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::dead::{CountJson, counted};
use super::handlers::{HandlerJson, all};
use super::metrics::bytes_of;
use super::problem::Problem;
use crate::store::DeadFilter;

pub use history::{History, SecondsJson};
pub use recent::RecentJson;

#[derive(Debug, Serialize, ToSchema)]
pub struct OverviewJson {
    /// Deliveries that are not settled.
    unsettled: u64,
    /// When the oldest event that waits was accepted.
    #[schema(required = true)]
    oldest_pending_at: Option<String>,
    dead: CountJson,
    database_bytes: u64,
    seconds: SecondsJson,
    handlers: Vec<HandlerJson>,
}

/// How it goes, in one look.
#[utoipa::path(
    get, path = "/overview", tag = "operation",
    responses(
        (status = 200, description = "The look", body = OverviewJson),
        (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn look(State(api): State<Arc<Api>>) -> Result<Json<OverviewJson>, Problem> {
    let oldest = api.readers.read(|reader| reader.oldest_pending_at()).await?;
    Ok(Json(OverviewJson {
        unsettled: api.pressure.unsettled(),
        oldest_pending_at: oldest.map(|at| at.to_string()),
        dead: counted(&api, DeadFilter::default()).await?,
        database_bytes: bytes_of(&api.database),
        seconds: api.history.seconds(),
        handlers: all(&api),
    }))
}
