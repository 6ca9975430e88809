//! A role before a group of paths, and the same said in the document.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;

use super::caller::Caller;
use super::describe;
use super::pass::Pass;
use crate::api::Api;
use crate::api::local::FromSocket;
use crate::api::problem::Problem;
use crate::config::Role;

/// These paths are for callers with this role.
pub fn only_for(role: Role, api: &Arc<Api>, mut routes: OpenApiRouter<Arc<Api>>) -> OpenApiRouter<Arc<Api>> {
    if api.access.asks_for_tokens() {
        describe::needs(routes.get_openapi_mut(), role);
    }
    routes.route_layer(from_fn_with_state(Gate { role, api: api.clone() }, check))
}

#[derive(Clone)]
struct Gate {
    role: Role,
    api: Arc<Api>,
}

async fn check(State(Gate { role, api }): State<Gate>, mut request: Request, next: Next) -> Response {
    let caller = match request.extensions().get::<FromSocket>() {
        Some(FromSocket) => Ok(Caller::anyone()),
        None => api.access.caller(request.headers()).await,
    };
    match caller {
        Ok(caller) if caller.role.allows(role) => {
            request.extensions_mut().insert(Pass::new(api.access.clone(), caller.shown, role));
            next.run(request).await
        }
        Ok(caller) => not_allowed(caller.role, role).into_response(),
        Err(unauthorized) => unauthorized.into_response(),
    }
}

fn not_allowed(has: Role, wanted: Role) -> Problem {
    let (has, wanted) = (has.as_str(), wanted.as_str());
    let detail = format!("this is for the role {wanted}, and the token's role is {has}; use another token");
    Problem::new(StatusCode::FORBIDDEN, "not-allowed", detail)
}
