//! Who may speak to the server, and as what.
//!
//! Looked at before any path, in this order: the name the request was sent to, and whether a page of
//! another site made a browser send it.

mod browser;
mod describe;
mod hosts;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Api;
use super::problem::Problem;

pub use describe::describe;
pub use hosts::Hosts;

/// Stands before every path.
pub async fn admit(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    match check(&api.hosts, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn check(hosts: &Hosts, request: &Request) -> Result<(), Problem> {
    let host = hosts.check(request)?;
    browser::check(request, &host, hosts)
}
