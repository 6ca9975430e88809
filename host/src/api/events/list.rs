//! `GET /events`: what was accepted, page by page, the latest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::Api;
use crate::api::bounds::{PAGE_DEFAULT, PAGE_WINDOWS_MAX, page_limit};
use crate::api::cursor;
use crate::api::extract::Query;
use crate::api::problem::Problem;
use crate::api::refusals::LookRefusals;
use crate::store::{Browse, EventFilter, EventPage, EventRow, EventSeq, EventState, StoreError};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum StateOf {
    Unsettled,
    Ok,
    Dead,
    Unmatched,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Only events that are so for one of their handlers; `unmatched`: that no handler ever had.
    #[param(inline)]
    state: Option<StateOf>,
    /// Only events with this id.
    id: Option<String>,
    /// Only events of this source.
    source: Option<String>,
    /// Only events of this type.
    #[serde(rename = "type")]
    type_: Option<String>,
    /// Only events that this handler has or had.
    handler: Option<String>,
    /// The page after the one whose `next` this is.
    #[param(pattern = "^[0-9]{1,18}$")]
    after: Option<String>,
    /// At most so many.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
}

/// Some events. A page may be short, or empty, while there are more: `next` alone says so.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventListJson {
    events: Vec<EventRowJson>,
    /// Give this as `after` for the next page; null at the end.
    #[schema(required = true)]
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct EventRowJson {
    id: String,
    source: String,
    #[serde(rename = "type")]
    type_: String,
    accepted_at: String,
    /// The handlers that have or had it.
    deliveries: Vec<DeliveryRowJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct DeliveryRowJson {
    handler: String,
    /// `pending`, `leased`, `ok` or `dead`.
    #[schema(value_type = String, pattern = "^(pending|leased|ok|dead)$")]
    state: &'static str,
    /// Why it is dead.
    #[schema(required = true)]
    error: Option<String>,
}

impl From<EventRow> for EventRowJson {
    fn from(row: EventRow) -> Self {
        let delivery = |d: crate::store::DeliveryRow| DeliveryRowJson {
            handler: d.handler,
            state: d.state,
            error: d.error,
        };
        EventRowJson {
            id: row.id,
            source: row.source,
            type_: row.type_,
            accepted_at: row.accepted_at.to_string(),
            deliveries: row.deliveries.into_iter().map(delivery).collect(),
        }
    }
}

/// List events, the latest accepted first.
///
/// The work for a page is bounded: where few events fit the filter, a page may be short or empty and yet
/// have a `next`.
#[utoipa::path(
    get, path = "/events", tag = "events", params(EventsQuery),
    responses(
        (status = 200, description = "A page", body = EventListJson),
        LookRefusals,
    )
)]
pub async fn list(
    State(api): State<Arc<Api>>,
    Query(query): Query<EventsQuery>,
) -> Result<Json<EventListJson>, Problem> {
    let limit = page_limit(query.limit.unwrap_or(PAGE_DEFAULT))?;
    let before = query.after.as_deref().map(cursor::read_event).transpose()?;
    let filter = EventFilter {
        id: query.id,
        source: query.source,
        type_: query.type_,
        handler: query.handler,
        state: query.state.map(|state| match state {
            StateOf::Unsettled => EventState::Unsettled,
            StateOf::Ok => EventState::Ok,
            StateOf::Dead => EventState::Dead,
            StateOf::Unmatched => EventState::Unmatched,
        }),
    };
    let page = api.readers.read(move |reader| first_page(reader, &filter, before, limit)).await?;
    let events = page.rows.into_iter().map(EventRowJson::from).collect();
    Ok(Json(EventListJson { events, next: page.next.map(|seq| seq.0.to_string()) }))
}

/// Passes over some empty pages, so that nobody has to turn them.
fn first_page(
    reader: &dyn Browse,
    filter: &EventFilter,
    mut before: Option<EventSeq>,
    limit: u32,
) -> Result<EventPage, StoreError> {
    let mut page = EventPage::default();
    for _ in 0..PAGE_WINDOWS_MAX {
        page = reader.page_of_events(filter, before, limit)?;
        if !page.rows.is_empty() || page.next.is_none() {
            break;
        }
        before = page.next;
    }
    Ok(page)
}
