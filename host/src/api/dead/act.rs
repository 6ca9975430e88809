//! `POST /dead/retry` and `POST /dead/drop`: in bites, so that accepting and settling go on between.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::{OpenApi, RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

use crate::api::Api;
use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::refusals::FormRefusals;
use crate::api::results::moment;
use crate::clock::UnixMillis;
use crate::store::{DeadFilter, Maintain, StoreError};

/// Events of one transaction.
const BITE: u64 = 1000;

/// Which dead events; every given part must fit. Something must be given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// The event's id.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    event: Option<String>,
    /// The event's source.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    source: Option<String>,
    /// Only events of this type.
    #[serde(default, rename = "type", deserialize_with = "given")]
    #[schema(nullable = false)]
    type_: Option<String>,
    /// Only those of this handler.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    handler: Option<String>,
    /// Only those whose error holds this text.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    error: Option<String>,
    /// Only those whose error is this text.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    error_is: Option<String>,
    /// Says, when nothing else is given, that all of them are meant.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    scope: Option<Scope>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Scope {
    All,
}

/// Says in the document what [`Which::filter`] asks for. The derive's own attribute for this writes
/// `maxProperties` in utoipa 5.5.
pub fn describe(document: &mut OpenApi) {
    let schemas = document.components.as_mut().map(|components| &mut components.schemas);
    if let Some(RefOr::T(Schema::Object(which))) = schemas.and_then(|schemas| schemas.get_mut("Which")) {
        which.min_properties = Some(1);
    }
}

/// A null is no filter: taken for one that is left out it would widen the choice.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActQuery {
    /// At most so many, the oldest first; all when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// Only those that ended before this time; now when it is left out. With the `as_of` of a count, what
    /// dies again after a retry is not retried again.
    #[param(pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])-([01][1-9])T[01][0-9]:[0-5][0-9]:[0-5][0-9]Z$")]
    until: Option<String>,
}

impl ActQuery {
    /// What dies again meanwhile is not taken twice.
    fn until(&self, api: &Api) -> Result<UnixMillis, Problem> {
        self.until.as_deref().map_or_else(|| Ok(api.clock.now()), |text| moment("until", text))
    }

    fn limit(&self) -> Result<Option<u64>, Problem> {
        match self.limit {
            Some(limit) if !(1..=BITE).contains(&limit) => {
                let detail = format!("limit is {limit}; it must be 1 to {BITE}, or be left out for all");
                Err(Problem::invalid_request(detail).limit(BITE))
            }
            limit => Ok(limit),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Retried {
    /// Queued again, with their history and a new count of failures.
    retried: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Dropped {
    /// Forgotten for good.
    dropped: u64,
}

/// Queue dead events again.
#[utoipa::path(
    post, path = "/dead/retry", tag = "dead", params(ActQuery), request_body = Which,
    responses(
        (status = 200, description = "How many", body = Retried),
        FormRefusals,
    )
)]
pub async fn retry(
    State(api): State<Arc<Api>>,
    Query(query): Query<ActQuery>,
    Json(which): Json<Which>,
) -> Result<axum::Json<Retried>, Problem> {
    let retried = in_bites(&api, which, &query, |store, filter| store.retry_dead(filter)).await?;
    Ok(axum::Json(Retried { retried }))
}

/// Forget dead events for good.
#[utoipa::path(
    post, path = "/dead/drop", tag = "dead", params(ActQuery), request_body = Which,
    responses(
        (status = 200, description = "How many", body = Dropped),
        FormRefusals,
    )
)]
pub async fn drop_dead(
    State(api): State<Arc<Api>>,
    Query(query): Query<ActQuery>,
    Json(which): Json<Which>,
) -> Result<axum::Json<Dropped>, Problem> {
    let dropped = in_bites(&api, which, &query, |store, filter| store.drop_dead(filter)).await?;
    Ok(axum::Json(Dropped { dropped }))
}

type Act = fn(&dyn Maintain, &DeadFilter) -> Result<u64, StoreError>;

/// Goes on to the end even when the client does not wait for it, unless the server stops.
async fn in_bites(api: &Arc<Api>, which: Which, query: &ActQuery, act: Act) -> Result<u64, Problem> {
    let (limit, until) = (query.limit()?, query.until(api)?);
    let filter = DeadFilter { finished_before: Some(until), limit: limit.or(Some(BITE)), ..which.filter()? };
    let api = api.clone();
    let acting = tokio::task::spawn_blocking(move || {
        let mut count = 0;
        while !api.is_stopping() {
            let bite = act(&*api.maintain, &filter)?;
            count += bite;
            if limit.is_some() || bite < BITE {
                break;
            }
        }
        Ok(count)
    });
    acting.await.unwrap_or_else(|_| Err(Problem::internal()))
}

impl Which {
    fn filter(self) -> Result<DeadFilter, Problem> {
        let filter = DeadFilter {
            event_id: self.event,
            source: self.source,
            type_: self.type_,
            handler: self.handler,
            error_contains: self.error,
            error_is: self.error_is,
            ..DeadFilter::default()
        };
        if filter == DeadFilter::default() && self.scope.is_none() {
            let detail =
                "no filter is given; name an event, type, handler or error, or say \"scope\": \"all\"";
            return Err(Problem::invalid_request(detail));
        }
        Ok(filter)
    }
}
