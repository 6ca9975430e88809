//! `GET /handlers`: who runs the events.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Api, ServedHandler};
use crate::limits::Limits;

#[derive(Debug, Serialize, ToSchema)]
pub struct HandlersJson {
    handlers: Vec<HandlerJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct HandlerJson {
    name: String,
    /// Of the module that runs now.
    sha256: String,
    /// What fuel counts depend on.
    engine: String,
    /// What one attempt may use.
    #[schema(value_type = Object)]
    limits: Limits,
}

/// List the handlers.
#[utoipa::path(get, path = "/handlers", tag = "operation", responses((status = 200, body = HandlersJson)))]
pub async fn list(State(api): State<Arc<Api>>) -> Json<HandlersJson> {
    let ServedHandler { name, sha256, engine, limits, .. } = api.handler.clone();
    Json(HandlersJson { handlers: vec![HandlerJson { name, sha256, engine, limits }] })
}
