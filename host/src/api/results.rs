//! `GET /results`: how events ended, page by page, the latest accepted first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::bounds::{PAGE_DEFAULT, page_limit};
use super::cursor;
use super::extract::Query;
use super::problem::Problem;
use super::refusals::LookRefusals;
use super::shape::ResultJson;
use crate::clock::UnixMillis;
use crate::config::parse_moment;
use crate::store::{PageFrom, ResultFilter, ResultStatus};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Ok,
    Dead,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ResultsQuery {
    #[param(inline)]
    pub status: Option<Status>,
    /// Only events of this type.
    #[serde(rename = "type")]
    pub type_: Option<String>,
    /// Only results of this handler.
    pub handler: Option<String>,
    /// Finished at or after this time: 2026-01-31T12:00:00Z, or 10m for ten minutes ago.
    #[param(
        pattern = "^[1-9][0-9]{0,3}[smhd]$|^20[0-9]{2}-(0[1-9]|1[0-2])-([01][1-9])T[01][0-9]:[0-5][0-9]:[0-5][0-9]Z$"
    )]
    pub since: Option<String>,
    /// Finished before this time.
    #[param(
        pattern = "^[1-9][0-9]{0,3}[smhd]$|^20[0-9]{2}-(0[1-9]|1[0-2])-([01][1-9])T[01][0-9]:[0-5][0-9]:[0-5][0-9]Z$"
    )]
    pub until: Option<String>,
    /// Only results whose error holds this text.
    pub error: Option<String>,
    /// Only results whose error is this text.
    pub error_is: Option<String>,
    /// The page after the one whose `next` this is.
    #[param(pattern = "^[0-9]{1,18}-[0-9]{1,9}$")]
    pub after: Option<String>,
    /// At most so many.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
}

/// Some results. A page may be short, or empty, while there are more: `next` alone says so.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultsJson {
    results: Vec<ResultJson>,
    /// Give this as `after` for the next page; null at the end.
    #[schema(required = true)]
    next: Option<String>,
}

/// List results, the latest accepted first.
///
/// The work for a page is bounded: where few results fit the filter, a page may be short or empty and
/// yet have a `next`.
#[utoipa::path(
    get, path = "/results", tag = "results", params(ResultsQuery),
    responses(
        (status = 200, description = "A page", body = ResultsJson),
        LookRefusals,
    )
)]
pub async fn list(
    State(api): State<Arc<Api>>,
    Query(query): Query<ResultsQuery>,
) -> Result<Json<ResultsJson>, Problem> {
    Ok(Json(page(&api, query).await?))
}

pub async fn page(api: &Api, query: ResultsQuery) -> Result<ResultsJson, Problem> {
    let limit = page_limit(query.limit.unwrap_or(PAGE_DEFAULT))?;
    let from = match &query.after {
        None => PageFrom::Latest,
        Some(text) => PageFrom::After(cursor::read(text)?),
    };
    let filter = filter(query)?;
    let page = api.readers.read(move |reader| reader.page_of_results(&filter, from, limit)).await?;
    let results = page.rows.iter().map(ResultJson::of).collect::<std::io::Result<_>>();
    Ok(ResultsJson { results: results.map_err(|_| Problem::internal())?, next: page.next.map(cursor::write) })
}

fn filter(query: ResultsQuery) -> Result<ResultFilter, Problem> {
    Ok(ResultFilter {
        status: query.status.map(|status| match status {
            Status::Ok => ResultStatus::Ok,
            Status::Dead => ResultStatus::Dead,
        }),
        type_: query.type_,
        handler: query.handler,
        since: query.since.map(|text| moment("since", &text)).transpose()?,
        until: query.until.map(|text| moment("until", &text)).transpose()?,
        error_contains: query.error,
        error_is: query.error_is,
        limit: None,
    })
}

pub fn moment(name: &str, text: &str) -> Result<UnixMillis, Problem> {
    parse_moment(text).map_err(|cure| Problem::invalid_request(format!("{name} is {text:?}, {cure}")))
}
