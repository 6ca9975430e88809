//! A server of ours, spoken to over HTTP: at a URL, or at the socket beside the database it owns.

mod options;
mod socket;

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::config::ConfigBuilder;
use ureq::http::{Response, StatusCode, header};
use ureq::typestate::AgentScope;
use ureq::{Agent, Body};

use crate::api::socket_of;

pub use options::RemoteOptions;

/// An answer comes within this time, or never.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// No answer of a server of ours is longer.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What a busy server is given before it is asked again, when it does not say.
const BREATH: Duration = Duration::from_secs(1);

/// A server that may be there.
pub struct Remote {
    agent: Agent,
    base: String,
    token: Option<String>,
    /// What to call it in messages.
    name: String,
}

/// Why a server did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    #[error("no server answers at {name}: {reason}; start one with `wasm-evq serve`, or name one with --to")]
    Silent { name: String, reason: String },
    #[error("{name} is busy: {reason}")]
    Busy { name: String, reason: String, again_after: Duration },
    #[error("{name} refuses with status {status}: {reason}")]
    Refused { name: String, status: u16, reason: String },
}

impl Remote {
    /// Behind the socket beside a database, which only its owner's user can open.
    pub fn beside(database: &Path) -> Self {
        let name = format!("the socket of {}", database.display());
        let agent = socket::agent(bounded(Agent::config_builder()).build(), socket_of(database));
        Remote { agent, base: "http://localhost".into(), token: None, name }
    }

    /// Whether it answers, well or not.
    pub fn is_there(&self) -> bool {
        self.agent.get(format!("{}/healthz", self.base)).call().is_ok()
    }

    /// Posts a body; returns what the answer says, if it is one of success.
    ///
    /// # Errors
    /// When nobody answers, or the answer is no.
    pub fn post<T: DeserializeOwned>(&self, path: &str, kind: &str, body: &[u8]) -> Result<T, RemoteError> {
        let request = self.agent.post(format!("{}{path}", self.base)).header(header::CONTENT_TYPE, kind);
        let request = match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        };
        let mut answer = request.send(body).map_err(|error| self.silent(&error))?;
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        let body = body.map_err(|error| self.silent(&error))?;
        if !answer.status().is_success() {
            return Err(self.refused(&answer, &body));
        }
        serde_json::from_slice(&body).map_err(|_| RemoteError::Refused {
            name: self.name.clone(),
            status: answer.status().as_u16(),
            reason: "the answer is not one of a wasm-evq; is the address the right one?".into(),
        })
    }

    fn silent(&self, error: &ureq::Error) -> RemoteError {
        RemoteError::Silent { name: self.name.clone(), reason: error.to_string() }
    }

    fn refused(&self, answer: &Response<Body>, body: &[u8]) -> RemoteError {
        #[derive(Deserialize)]
        struct Told {
            detail: String,
        }
        let status = answer.status();
        let told = serde_json::from_slice(body).map(|told: Told| told.detail);
        let reason = told.unwrap_or_else(|_| status.canonical_reason().unwrap_or("no reason given").into());
        let name = self.name.clone();
        match status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                RemoteError::Busy { name, reason, again_after: retry_after(answer).unwrap_or(BREATH) }
            }
            _ => RemoteError::Refused { name, status: status.as_u16(), reason },
        }
    }
}

/// What holds for every request: refusals are answers, a redirect would take the token to somebody else,
/// and every wait has an end.
fn bounded(config: ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope> {
    config
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_connect(Some(CONNECT_TIME_MAX))
        .timeout_global(Some(ANSWER_TIME_MAX))
}

fn retry_after(answer: &Response<Body>) -> Option<Duration> {
    let seconds = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}
