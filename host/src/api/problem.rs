//! What a client is told when a request is refused or fails: RFC 9457, `application/problem+json`.
//!
//! The text is for strangers: it names values and limits of the request, and nothing of the host's
//! inside.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::event::InvalidEvent;
use crate::event::http::UnknownMode;
use crate::store::StoreError;

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Which kind of problem it is; stays the same from release to release.
    #[serde(rename = "type")]
    #[schema(example = "urn:wasm-evq:problem:invalid-event")]
    kind: Box<str>,
    #[schema(value_type = String)]
    title: &'static str,
    status: u16,
    /// What is wrong with this request, with the value, the limit and the cure.
    detail: Box<str>,
    /// The event's attribute it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    attribute: Option<Box<str>>,
    /// The limit that was passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    limit: Option<u64>,
    /// When it is worth trying again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    retry_after_s: Option<u32>,
}

impl Problem {
    pub fn new(status: StatusCode, kind: &str, detail: impl ToString) -> Self {
        Problem {
            kind: format!("urn:wasm-evq:problem:{kind}").into(),
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: detail.to_string().into(),
            attribute: None,
            limit: None,
            retry_after_s: None,
        }
    }

    pub fn invalid_request(detail: impl ToString) -> Self {
        Problem::new(StatusCode::BAD_REQUEST, "invalid-request", detail)
    }

    pub fn not_found(detail: impl ToString) -> Self {
        Problem::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    pub fn internal() -> Self {
        let detail = "a fault of wasm-evq itself, told on its standard error; the server goes on";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    pub fn stopping() -> Self {
        let detail = "the server is stopping and accepts nothing more";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", detail).retry_after(5)
    }

    pub fn limit(self, limit: u64) -> Self {
        Problem { limit: Some(limit), ..self }
    }

    pub fn retry_after(self, seconds: u32) -> Self {
        Problem { retry_after_s: Some(seconds), ..self }
    }

    pub fn status(&self) -> u16 {
        self.status
    }

    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after_s;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<InvalidEvent> for Problem {
    fn from(invalid: InvalidEvent) -> Self {
        let attribute = invalid.attribute().map(Box::from);
        let problem = match invalid {
            InvalidEvent::TooLarge { bytes_max, .. } => too_large(&invalid, bytes_max),
            _ => Problem::new(StatusCode::BAD_REQUEST, "invalid-event", &invalid),
        };
        Problem { attribute, ..problem }
    }
}

pub fn too_large(detail: impl ToString, bytes_max: u64) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail).limit(bytes_max)
}

impl From<UnknownMode> for Problem {
    fn from(unknown: UnknownMode) -> Self {
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", unknown)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let (kind, detail, seconds) = match error {
            StoreError::Full { .. } | StoreError::NoRoomForEvents { .. } => {
                ("disk-full", "the disk has no room left; nothing was accepted", 30)
            }
            StoreError::TooSlow { .. } => ("too-slow", "the answer took too long; ask for less", 1),
            _ => ("storage", "the database failed, told on the server's standard error", 5),
        };
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, kind, detail).retry_after(seconds)
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Problem::invalid_request(rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Problem::invalid_request(rejection.body_text())
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                let detail = "the body is not application/json; send content-type: application/json";
                Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                too_large(rejection.body_text(), super::bounds::FORM_BYTES_MAX as u64)
            }
            _ => Problem::invalid_request(rejection.body_text()),
        }
    }
}
