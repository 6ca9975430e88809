//! Who may speak to the server, and as what.
//!
//! Looked at before any path, in this order: the name the request was sent to, and whether a page of
//! another site made a browser send it. Then, for each group of paths, the role that it needs.

mod browser;
mod caller;
mod describe;
mod gate;
mod hosts;
mod login;
mod pass;
mod sessions;
mod wrong;

use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;

use super::Api;
use super::local::FromSocket;
use super::problem::Problem;
use crate::config::{Role, Tokens};

use pass::Shown;
use sessions::Sessions;
use wrong::WrongLogins;

pub use caller::Caller;
pub use describe::describe;
pub use gate::only_for;
pub use hosts::Hosts;
pub use login::{__path_login, __path_logout, __path_who, login, logout, who};
pub use pass::Pass;

/// Whom the server listens to, and who they are.
pub struct Access {
    hosts: Hosts,
    /// `None`: nobody is asked for one.
    tokens: RwLock<Option<Arc<Tokens>>>,
    sessions: Sessions,
    /// Marked whenever a session or a token may have come to its end.
    endings: watch::Sender<()>,
    wrong_logins: WrongLogins,
    /// With the port in it: a browser sends one host's cookies to all its ports.
    cookie_name: String,
    is_encrypted: bool,
}

/// How requests come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Plain,
    Tls,
}

impl Access {
    pub fn new(hosts: Hosts, tokens: Option<Arc<Tokens>>, port: u16, transport: Transport) -> Self {
        Access {
            hosts,
            tokens: RwLock::new(tokens),
            sessions: Sessions::default(),
            endings: watch::Sender::default(),
            wrong_logins: WrongLogins::default(),
            cookie_name: format!("evq_session_{port}"),
            is_encrypted: transport == Transport::Tls,
        }
    }

    pub fn asks_for_tokens(&self) -> bool {
        self.tokens().is_some()
    }

    /// From now on these are the tokens. Every session ends, for its token may be none of them.
    pub fn replace_tokens(&self, tokens: Tokens) {
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = Some(tokens.into());
        self.sessions.close_all();
        self.endings.send_replace(());
    }

    /// Returns the number that goes into the cookie.
    fn open_session(&self, caller: Caller) -> String {
        let number = self.sessions.open(caller);
        // It may have taken the place of the oldest.
        self.endings.send_replace(());
        number
    }

    fn close_session(&self, number: &str) {
        if self.sessions.close(number) {
            self.endings.send_replace(());
        }
    }

    fn endings(&self) -> watch::Receiver<()> {
        self.endings.subscribe()
    }

    /// Whether what was shown is still good for a role.
    fn still_knows(&self, shown: &Shown, role: Role) -> bool {
        match shown {
            Shown::Nothing => true,
            Shown::Token(digest) => self.tokens().is_some_and(|tokens| {
                tokens.with_digest(digest).is_some_and(|token| token.role.allows(role))
            }),
            Shown::Session { key, .. } => self.sessions.has(key),
        }
    }

    fn tokens(&self) -> Option<Arc<Tokens>> {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Stands before every path.
pub async fn admit(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    match check(&api.access.hosts, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn check(hosts: &Hosts, request: &Request) -> Result<(), Problem> {
    // No browser opens a file's socket.
    if request.extensions().get::<FromSocket>().is_some() {
        return Ok(());
    }
    let host = hosts.check(request)?;
    browser::check(request, &host, hosts)
}
