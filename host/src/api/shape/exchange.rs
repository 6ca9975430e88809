//! A request that a handler sent, and its answer, as one JSON object.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use utoipa::ToSchema;

use crate::event::{Exchange, HttpFailure, HttpRequest, HttpResponse};

/// A request and its response, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExchangeJson {
    request: RequestJson,
    #[schema(required = true)]
    response: Option<ResponseJson>,
    #[schema(required = true)]
    error: Option<FailureJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RequestJson {
    method: String,
    url: String,
    /// Pairs of name and value.
    headers: Vec<(String, String)>,
    #[serde(flatten)]
    body: BodyJson,
}

#[derive(Debug, Serialize, ToSchema)]
struct ResponseJson {
    status: u16,
    /// Pairs of name and value.
    headers: Vec<(String, String)>,
    #[serde(flatten)]
    body: BodyJson,
}

/// Text as it is, other bytes as base64 under a name of their own.
#[derive(Debug, Serialize, ToSchema)]
struct BodyJson {
    /// The body, if it is text.
    #[schema(required = true)]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    body_base64: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct FailureJson {
    /// See guest-sdk/ABI.md.
    code: &'static str,
    message: String,
}

impl ExchangeJson {
    pub fn of(exchange: &Exchange) -> Self {
        let HttpRequest { method, url, headers, body } = &exchange.request;
        let request = RequestJson {
            method: method.clone(),
            url: url.clone(),
            headers: headers.clone(),
            body: BodyJson::of(body),
        };
        let (response, error) = match &exchange.answer {
            Ok(HttpResponse { status, headers, body }) => {
                let body = BodyJson::of(body);
                (Some(ResponseJson { status: *status, headers: headers.clone(), body }), None)
            }
            Err(HttpFailure { code, message }) => {
                (None, Some(FailureJson { code: code.as_str(), message: message.clone() }))
            }
        };
        ExchangeJson { request, response, error }
    }
}

impl BodyJson {
    fn of(body: &[u8]) -> Self {
        match std::str::from_utf8(body) {
            Ok(text) => BodyJson { body: Some(text.to_owned()), body_base64: None },
            Err(_) => BodyJson { body: None, body_base64: Some(BASE64_STANDARD.encode(body)) },
        }
    }
}
