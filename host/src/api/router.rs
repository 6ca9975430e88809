//! Which path goes where, what stands around every one of them, and the document that says so.

use std::any::Any;
use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::only_for;
use super::bounds::FORM_BYTES_MAX;
use super::problem::Problem;
use super::{Api, access, dead, events, handlers, health, metrics, overview, page, results, stream};
use crate::config::Role;

/// Accept events, see results, tend the dead.
#[derive(OpenApi)]
#[openapi(info(title = "wasm-evq", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")))]
struct Document;

pub fn router(api: Arc<Api>) -> Router {
    let for_anyone = OpenApiRouter::new()
        .routes(routes!(events::handshake))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(access::login))
        .routes(routes!(access::logout))
        .routes(routes!(access::who));
    let to_send = OpenApiRouter::new().routes(routes!(events::accept));
    let to_read = OpenApiRouter::new()
        .routes(routes!(events::show))
        .routes(routes!(events::list))
        .routes(routes!(results::list))
        .routes(routes!(stream::follow))
        .routes(routes!(dead::list))
        .routes(routes!(dead::reasons))
        .routes(routes!(dead::count))
        .routes(routes!(overview::look))
        .routes(routes!(metrics::scrape))
        .routes(routes!(handlers::list));
    let to_operate = OpenApiRouter::new()
        .routes(routes!(events::cancel))
        .routes(routes!(dead::retry))
        .routes(routes!(dead::drop_dead))
        .routes(routes!(handlers::invoke))
        .routes(routes!(handlers::pause))
        .routes(routes!(handlers::resume));
    let (routes, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .merge(for_anyone)
        .merge(only_for(Role::Send, &api, to_send))
        .merge(only_for(Role::Read, &api, to_read))
        .merge(only_for(Role::Operate, &api, to_operate))
        .split_for_parts();
    dead::describe(&mut document);
    access::describe(&mut document, &api.access);
    let routes = routes
        .merge(page::routes())
        .route("/openapi.json", axum::routing::get(move || async move { Json(document) }))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(no_such_path)
        // For what axum reads itself; events are read by their own bound.
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn_with_state(api.clone(), access::admit))
        .with_state(api);
    within_walls(routes)
}

/// What holds for every answer: a panic becomes a problem, data is never taken for a page, and
/// nothing is kept by caches.
fn within_walls(routes: Router) -> Router {
    let header = |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    routes
        .layer(CatchPanicLayer::custom(panicked))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(CACHE_CONTROL, "no-store"))
}

/// The panic itself is told on standard error, by the process's hook.
fn panicked(_panic: Box<dyn Any + Send>) -> Response {
    Problem::internal().into_response()
}

async fn method_not_allowed() -> Problem {
    let detail = "this path has other methods; /openapi.json lists them";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail)
}

async fn no_such_path() -> Problem {
    Problem::not_found("no such path; /openapi.json lists them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_panic_is_a_problem_without_its_inside() {
        async fn falls() -> &'static str {
            panic!("secret")
        }
        let router = within_walls(Router::new().route("/", axum::routing::get(falls)));
        let response = router.oneshot(axum::extract::Request::<axum::body::Body>::default()).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.contains("urn:wasm-evq:problem:internal") && !text.contains("secret"), "{text}");
    }
}
