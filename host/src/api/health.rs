//! `/healthz` and `/readyz`: for supervisors and load balancers.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::problem::Problem;

#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    #[schema(value_type = String, pattern = "^ok$")]
    status: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, body = Health)))]
pub async fn healthz() -> Json<Health> {
    OK
}

/// Events are accepted now.
#[utoipa::path(
    get, path = "/readyz", tag = "operation",
    responses(
        (status = 200, body = Health),
        (status = 429, description = "The queue is full", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No room on the disk, or stopping", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub async fn readyz(State(api): State<Arc<Api>>) -> Result<Json<Health>, Problem> {
    if api.is_stopping() {
        return Err(Problem::stopping());
    }
    api.pressure.check()?;
    Ok(OK)
}
