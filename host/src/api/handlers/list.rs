//! `GET /handlers`: who runs the events.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::overview::RecentJson;
use crate::api::shape::GrantsJson;
use crate::api::{Api, History, ServedHandler, ServedModule};
use crate::event::Filter;
use crate::limits::Limits;
use crate::store::Activity;

#[derive(Debug, Serialize, ToSchema)]
pub struct HandlersJson {
    handlers: Vec<HandlerJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HandlerJson {
    name: String,
    /// `running`, or `paused`: its events are accepted and wait.
    #[schema(value_type = String, pattern = "^(running|paused)$")]
    state: &'static str,
    /// Of the module that runs now.
    sha256: String,
    /// What fuel counts depend on.
    engine: String,
    /// Which events go to it; null for all.
    #[schema(value_type = Option<Object>, required = true)]
    filter: Option<Filter>,
    /// What one attempt may use.
    #[schema(value_type = Object)]
    limits: Limits,
    /// What one attempt is given beside its event.
    grants: GrantsJson,
    /// Why the newer module in its file is kept out; null when none is.
    #[schema(required = true)]
    reload_error: Option<String>,
    recent: RecentJson,
}

impl HandlerJson {
    pub fn of(handler: &ServedHandler, history: &History) -> Self {
        let ServedModule { sha256, engine, reload_error, handler: module } = handler.module();
        let state = match handler.activity() {
            Activity::Running => "running",
            Activity::Paused => "paused",
        };
        HandlerJson {
            name: handler.name.clone(),
            state,
            sha256,
            engine,
            filter: handler.filter.clone(),
            limits: handler.limits,
            grants: module.grants().recorded().into(),
            reload_error,
            recent: history.recent(&handler.name),
        }
    }
}

/// List the handlers.
#[utoipa::path(get, path = "/handlers", tag = "operation", responses((status = 200, body = HandlersJson)))]
pub async fn list(State(api): State<Arc<Api>>) -> Json<HandlersJson> {
    Json(HandlersJson { handlers: all(&api) })
}

pub fn all(api: &Api) -> Vec<HandlerJson> {
    api.handlers.iter().map(|handler| HandlerJson::of(handler, &api.history)).collect()
}
