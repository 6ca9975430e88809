//! The HTTP side of `serve`: events in, results out, and a hand on the dead.
//!
//! ```text
//! connection (bounded) -> access -> router -> one handler a resource -> Problem or a shape, as JSON
//!                                                │            │
//!                                acceptor: one thread,     readers: connections
//!                                many requests an fsync    of their own
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
mod metrics;
mod news;
mod overview;
mod page;
mod pressure;
mod problem;
mod readers;
mod results;
mod router;
mod server;
pub mod shape;
mod stream;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use crate::clock::Clock;
use crate::limits::Limits;
use crate::store::{Enqueue, HandlerId, Maintain};

use acceptor::Acceptor;
use readers::Readers;

pub use access::Hosts;
pub use bounds::{READ_TIME_MAX, READS_MAX};
pub use metrics::{AttemptFigures, Metrics};
pub use news::News;
pub use overview::History;
pub use pressure::{Pressure, PressureLimits};
pub use readers::Reader;
pub use server::{ServeError, Server, Stop};

/// The parts of the host that are served.
pub struct ApiParts {
    pub enqueue: Arc<dyn Enqueue>,
    pub maintain: Arc<dyn Maintain + Send + Sync>,
    /// The database's file, to tell its size.
    pub database: PathBuf,
    pub clock: Arc<Clock>,
    pub readers: Vec<Reader>,
    pub handler: ServedHandler,
    pub metrics: Arc<Metrics>,
    pub history: Arc<History>,
    pub news: Arc<News>,
    pub pressure: Arc<Pressure>,
    pub hosts: Hosts,
}

/// The handler that every event goes to.
#[derive(Debug, Clone)]
pub struct ServedHandler {
    pub id: HandlerId,
    pub name: String,
    pub sha256: String,
    pub engine: String,
    pub limits: Limits,
}

/// What every request can reach.
struct Api {
    acceptor: Acceptor,
    enqueue: Arc<dyn Enqueue>,
    maintain: Arc<dyn Maintain + Send + Sync>,
    database: PathBuf,
    clock: Arc<Clock>,
    readers: Readers,
    handler: ServedHandler,
    metrics: Arc<Metrics>,
    history: Arc<History>,
    news: Arc<News>,
    pressure: Arc<Pressure>,
    hosts: Hosts,
    /// Places for streams.
    streams: Arc<Semaphore>,
    /// True once the server is stopping.
    stopping: watch::Receiver<bool>,
}

impl Api {
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
