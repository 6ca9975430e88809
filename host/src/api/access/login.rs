//! A browser's way in: the token once, then a cookie.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{Unauthorized, wrong_token};
use super::{Access, Caller};
use crate::api::Api;
use crate::api::bounds::SESSION_TIME_MAX;
use crate::api::extract::Json;
use crate::api::problem::Problem;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    token: String,
}

/// Whom the server takes a caller for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Who {
    /// send, read or operate.
    #[schema(value_type = String, pattern = "^(send|read|operate)$")]
    role: &'static str,
    /// The token's name in the file of tokens; null where no tokens are asked for.
    name: Option<Box<str>>,
}

impl From<Caller> for Who {
    fn from(caller: Caller) -> Self {
        Who { role: caller.role.as_str(), name: caller.name }
    }
}

/// Begin a session: the answer's cookie stands for the token.
#[utoipa::path(
    post, path = "/login", tag = "access", request_body = Login,
    responses(
        (status = 200, description = "Who this is now", body = Who),
        (status = 400, description = "Not understood", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No such token", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "The body came too slowly", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not application/json", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong tokens", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub async fn login(State(api): State<Arc<Api>>, Json(login): Json<Login>) -> Result<Response, Problem> {
    let access = &api.access;
    let Some(tokens) = access.tokens() else {
        return Ok(axum::Json(Who::from(Caller::anyone())).into_response());
    };
    access.wrong_logins.check()?;
    let Some(token) = tokens.find(login.token.as_bytes()) else {
        access.wrong_logins.count();
        return Ok(wrong_token().await.into_response());
    };
    let caller = Caller::with(token);
    let number = access.open_session(caller.clone());
    let cookie = access.cookie(&number, SESSION_TIME_MAX.as_secs());
    Ok(([(SET_COOKIE, cookie)], axum::Json(Who::from(caller))).into_response())
}

/// End a session.
#[utoipa::path(
    post, path = "/logout", tag = "access",
    responses((status = 204, description = "There is none any more"))
)]
pub async fn logout(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    if let Some(number) = api.access.session_number(&headers) {
        api.access.close_session(number);
    }
    (StatusCode::NO_CONTENT, [(SET_COOKIE, api.access.cookie("", 0))]).into_response()
}

/// Ask who the server takes this caller for.
#[utoipa::path(
    get, path = "/session", tag = "access",
    responses(
        (status = 200, description = "This is who", body = Who),
        (status = 401, description = "Nobody it knows", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn who(State(api): State<Arc<Api>>, headers: HeaderMap) -> Result<axum::Json<Who>, Unauthorized> {
    Ok(axum::Json(api.access.caller(&headers).await?.into()))
}

impl Access {
    /// A cookie that pages cannot read and that no other site's page makes a browser send.
    fn cookie(&self, number: &str, age_s: u64) -> String {
        let (name, secure) = (&self.cookie_name, if self.is_encrypted { "; Secure" } else { "" });
        format!("{name}={number}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Strict{secure}")
    }
}
