//! `GET /dead`: the results that are dead, with their reasons.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Api;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::api::refusals::LookRefusals;
use crate::api::results::{ResultsJson, ResultsQuery, Status, page};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeadQuery {
    /// Only events of this type.
    #[serde(rename = "type")]
    type_: Option<String>,
    /// Only those of this handler.
    handler: Option<String>,
    /// Only those whose error holds this text.
    error: Option<String>,
    /// Only those whose error is this text.
    error_is: Option<String>,
    /// The page after the one whose `next` this is.
    #[param(pattern = "^[0-9]{1,18}-[0-9]{1,9}$")]
    after: Option<String>,
    /// At most so many.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
}

/// List dead events, the latest accepted first.
#[utoipa::path(
    get, path = "/dead", tag = "dead", params(DeadQuery),
    responses(
        (status = 200, description = "A page", body = ResultsJson),
        LookRefusals,
    )
)]
pub async fn list(
    State(api): State<Arc<Api>>,
    Query(query): Query<DeadQuery>,
) -> Result<Json<ResultsJson>, Problem> {
    let DeadQuery { type_, handler, error, error_is, after, limit } = query;
    let status = Some(Status::Dead);
    let query =
        ResultsQuery { status, type_, handler, error, error_is, after, limit, ..ResultsQuery::default() };
    Ok(Json(page(&api, query).await?))
}
