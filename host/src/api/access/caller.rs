//! Who sent a request: by the token in it, or by the session in its cookie.

use axum::http::header::{AUTHORIZATION, COOKIE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::pass::Shown;
use super::{Access, wrong};
use crate::api::problem::Problem;
use crate::config::{Role, Token};

/// Whom a request is from.
#[derive(Debug, Clone)]
pub struct Caller {
    pub role: Role,
    /// The token's, where tokens are asked for.
    pub name: Option<Box<str>>,
    pub shown: Shown,
}

impl Caller {
    pub fn with(token: &Token) -> Self {
        Caller { role: token.role, name: Some(token.name.clone()), shown: Shown::Token(token.digest) }
    }

    /// Whoever comes, where no tokens are asked for.
    pub fn anyone() -> Self {
        Caller { role: Role::Operate, name: None, shown: Shown::Nothing }
    }
}

/// Nobody knows who sent it.
#[derive(Debug)]
pub struct Unauthorized {
    detail: &'static str,
}

impl IntoResponse for Unauthorized {
    fn into_response(self) -> Response {
        let problem = Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", self.detail);
        let asked = HeaderValue::from_static("Bearer realm=\"wasm-evq\"");
        ([(WWW_AUTHENTICATE, asked)], problem).into_response()
    }
}

impl Access {
    /// # Errors
    /// When a token is asked for and none that is right came.
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Unauthorized> {
        let Some(tokens) = self.tokens() else { return Ok(Caller::anyone()) };
        if let Some(authorization) = headers.get(AUTHORIZATION) {
            return match bearer(authorization).and_then(|token| tokens.find(token)) {
                Some(token) => Ok(Caller::with(token)),
                None => Err(wrong_token().await),
            };
        }
        let known = self.session_number(headers).and_then(|number| self.sessions.find(number));
        known.ok_or(Unauthorized { detail: "a token is needed: send `authorization: Bearer TOKEN`" })
    }

    /// What this server's cookie holds.
    pub fn session_number<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(|(name, _)| *name == self.cookie_name).map(|(_, value)| value).next()
    }
}

pub async fn wrong_token() -> Unauthorized {
    wrong::delay().await;
    Unauthorized { detail: "this token is not one of the server's" }
}

fn bearer(authorization: &HeaderValue) -> Option<&[u8]> {
    let (scheme, token) = authorization.as_bytes().split_at_checked("bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}
