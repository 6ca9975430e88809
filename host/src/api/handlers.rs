//! `GET /handlers`: who runs the events.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::overview::RecentJson;
use super::{Api, ServedHandler};
use crate::limits::Limits;

#[derive(Debug, Serialize, ToSchema)]
pub struct HandlersJson {
    handlers: Vec<HandlerJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HandlerJson {
    name: String,
    /// Of the module that runs now.
    sha256: String,
    /// What fuel counts depend on.
    engine: String,
    /// What one attempt may use.
    #[schema(value_type = Object)]
    limits: Limits,
    recent: RecentJson,
}

/// List the handlers.
#[utoipa::path(get, path = "/handlers", tag = "operation", responses((status = 200, body = HandlersJson)))]
pub async fn list(State(api): State<Arc<Api>>) -> Json<HandlersJson> {
    Json(HandlersJson { handlers: all(&api) })
}

pub fn all(api: &Api) -> Vec<HandlerJson> {
    let ServedHandler { name, sha256, engine, limits, .. } = api.handler.clone();
    let recent = api.history.recent(&name);
    vec![HandlerJson { name, sha256, engine, limits, recent }]
}
