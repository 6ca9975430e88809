//! The HTTP side of `serve`: events in, results out, and a hand on the dead.
//!
//! ```text
//! connection (bounded) -> access -> router -> one handler a resource -> Problem or a shape, as JSON
//!                                                │            │
//!                                acceptor: many requests   readers: connections
//!                                share an fsync            of their own
//! ```
//!
//! The web framework stays in this room. It knows the store's contract and nothing of the queue: of
//! settlements it learns by [`News`], which whoever starts both connects.

#![allow(unused_qualifications, reason = "utoipa's macros write them")]

mod acceptor;
mod access;
mod bounds;
mod connection;
mod cursor;
mod dead;
mod events;
mod extract;
mod handlers;
mod health;
mod linger;
mod local;
mod metrics;
mod news;
mod open_files;
mod overview;
mod page;
mod pressure;
mod problem;
mod readers;
mod refusals;
mod results;
mod router;
mod served;
mod server;
pub mod shape;
mod stream;
mod tls;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use crate::clock::Clock;
use crate::config::Tokens;
use crate::event::{NewEvent, TraceAttributes};
use crate::route::Router;
use crate::store::{Addressed, Enqueue, Maintain, Route};
use crate::telemetry::Tracer;

use acceptor::Acceptor;
use access::Access;
use problem::Problem;
use readers::Readers;

pub use access::Hosts;
pub use bounds::{READ_TIME_MAX, READS_MAX};
pub use local::socket_of;
pub use metrics::{AttemptFigures, Metrics, Reload, Scraper};
pub use news::News;
pub use overview::History;
pub use pressure::{Pressure, PressureLimits};
pub use readers::Reader;
pub use served::{ServedHandler, ServedModule};
pub use server::{Reloader, ServeError, Server, Stop};
pub use tls::{Tls, TlsError};

/// The parts of the host that are served.
pub struct ApiParts {
    pub enqueue: Arc<dyn Enqueue>,
    pub maintain: Arc<dyn Maintain + Send + Sync>,
    /// The database's file, to tell its size.
    pub database: PathBuf,
    pub clock: Arc<Clock>,
    pub readers: Vec<Reader>,
    pub handlers: Vec<Arc<ServedHandler>>,
    /// Which of them an event goes to.
    pub router: Arc<Router>,
    pub metrics: Arc<Metrics>,
    pub history: Arc<History>,
    pub news: Arc<News>,
    pub pressure: Arc<Pressure>,
    pub access: AccessParts,
    pub tracer: Tracer,
}

/// What decides who may speak to the server.
#[derive(Clone)]
pub struct AccessParts {
    pub hosts: Hosts,
    /// `None`: nobody is asked for a token.
    pub tokens: Option<Arc<Tokens>>,
    /// `None`: plain HTTP.
    pub tls: Option<Arc<Tls>>,
}

/// What every request can reach.
struct Api {
    acceptor: Acceptor,
    enqueue: Arc<dyn Enqueue>,
    maintain: Arc<dyn Maintain + Send + Sync>,
    database: PathBuf,
    clock: Arc<Clock>,
    readers: Readers,
    handlers: Vec<Arc<ServedHandler>>,
    router: Arc<Router>,
    metrics: Arc<Metrics>,
    history: Arc<History>,
    news: Arc<News>,
    pressure: Arc<Pressure>,
    access: Arc<Access>,
    scraper: Scraper,
    tracer: Tracer,
    /// One event is tried at a time.
    trials: Arc<Semaphore>,
    /// Places for streams.
    streams: Arc<Semaphore>,
    /// True once the server is stopping.
    stopping: watch::Receiver<bool>,
}

impl Api {
    /// An event with the handlers it goes to, as one of this trace if it names none itself.
    fn address(&self, event: NewEvent, trace: Option<&TraceAttributes<'_>>) -> Addressed {
        let traced = trace.and_then(|trace| event.within(trace));
        let event = match traced {
            Some(traced) if !self.becomes_too_large(&event, &traced) => traced,
            _ => event,
        };
        Addressed { to: self.router.route(&event), event }
    }

    /// Whether some handler takes the one and not the other.
    fn becomes_too_large(&self, event: &NewEvent, traced: &NewEvent) -> bool {
        let (before, after) = (event.json().len() as u64, traced.json().len() as u64);
        self.handlers.iter().any(|handler| (before..after).contains(&handler.limits.event_bytes_max))
    }

    fn served_of(&self, route: &Route) -> Vec<Arc<ServedHandler>> {
        let its = |handler: &&Arc<ServedHandler>| route.handlers().contains(&handler.id);
        self.handlers.iter().filter(its).cloned().collect()
    }

    /// The handler with this name.
    fn handler(&self, name: &str) -> Result<&Arc<ServedHandler>, Problem> {
        let found = self.handlers.iter().find(|handler| handler.name == name);
        found
            .ok_or_else(|| Problem::not_found(format!("no handler {name:?} is served; /handlers lists them")))
    }

    /// What is too large for every handler is not accepted; what is too large for one of them, is dead
    /// there.
    fn event_bytes_max(&self) -> u64 {
        self.handlers.iter().map(|handler| handler.limits.event_bytes_max).max().unwrap_or(0)
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Comes when the server is stopping.
    async fn stops(&self) {
        let mut stopping = self.stopping.clone();
        // When the other end is gone, the server is, too.
        let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
    }
}
