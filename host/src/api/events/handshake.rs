//! `OPTIONS /events`: the abuse-protection handshake of the CloudEvents webhook specification. A
//! sender asks whether its events are welcome before it sends any.

use axum::http::header::ALLOW;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::api::problem::Problem;

const REQUEST_ORIGIN: &str = "webhook-request-origin";
const ALLOWED_ORIGIN: HeaderName = HeaderName::from_static("webhook-allowed-origin");
const ALLOWED_RATE: HeaderName = HeaderName::from_static("webhook-allowed-rate");

/// Ask whether events are welcome.
///
/// Whoever can reach this address may send. The rate is not limited beforehand: 429 says when it is
/// too high.
#[utoipa::path(
    options, path = "/events", tag = "events",
    params(
        ("WebHook-Request-Origin" = String, Header, description = "Who will send", pattern = "^[!-~]+$", example = "eventemitter.example.com"),
        ("WebHook-Request-Rate" = Option<String>, Header, description = "Requests a minute"),
    ),
    responses(
        (status = 200, description = "They are", headers(
            ("WebHook-Allowed-Origin" = String, description = "The origin that asked"),
            ("WebHook-Allowed-Rate" = String, description = "* for no limit set beforehand"),
        )),
        (status = 400, description = "No WebHook-Request-Origin", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub async fn handshake(headers: HeaderMap) -> Result<HeaderMap, Problem> {
    let origin = headers.get(REQUEST_ORIGIN).filter(|origin| !origin.is_empty()).ok_or_else(|| {
        Problem::invalid_request("the header WebHook-Request-Origin is missing; it says who will send")
    })?;
    let mut answer = HeaderMap::new();
    answer.insert(ALLOW, HeaderValue::from_static("GET, POST, OPTIONS"));
    answer.insert(ALLOWED_ORIGIN, origin.clone());
    // The specification wants both from whoever agrees, be a rate asked for or not.
    answer.insert(ALLOWED_RATE, HeaderValue::from_static("*"));
    Ok(answer)
}
