//! What handlers take from a request, with a [`Problem`] where it does not fit.

use std::time::Duration;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::bounds::BODY_TIME_MAX;
use super::problem::{Problem, too_large};

/// The query, each key known.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Query(axum::extract::Query::from_request_parts(parts, state).await?.0))
    }
}

/// The variable part of the path.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Path(axum::extract::Path::from_request_parts(parts, state).await?.0))
    }
}

/// A body of `application/json`. A page of another site cannot send one here without asking first.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = axum::Json::from_request(request, state);
        Ok(Json(within(BODY_TIME_MAX, read).await??.0))
    }
}

/// Reads a body of bounded size in bounded time.
pub async fn body_bytes(body: Body, bytes_max: u64) -> Result<axum::body::Bytes, Problem> {
    let too_long = || too_large(format!("the body is larger than the limit of {bytes_max} bytes"), bytes_max);
    // What its head says is not waited for.
    if body.size_hint().lower() > bytes_max {
        return Err(too_long());
    }
    let limit = usize::try_from(bytes_max).unwrap_or(usize::MAX);
    within(BODY_TIME_MAX, to_bytes(body, limit)).await?.map_err(|error| {
        if is_too_long(&error) {
            return too_long();
        }
        Problem::invalid_request("the body ended early or is not HTTP")
    })
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        source = inner.source();
    }
    false
}

async fn within<T>(time_max: Duration, read: impl Future<Output = T>) -> Result<T, Problem> {
    tokio::time::timeout(time_max, read).await.map_err(|_| {
        let detail = format!("the body did not arrive within {} s", time_max.as_secs());
        Problem::new(StatusCode::REQUEST_TIMEOUT, "too-slow", detail)
    })
}
