//! The server's life: listens, takes connections up to a bound, and ends in bounded time.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{Semaphore, watch};

use super::acceptor::Acceptor;
use super::access::{Access, Transport};
use super::bounds::{FAREWELL_MAX, STREAMS_MAX};
use super::local::{FromSocket, LocalSocket};
use super::open_files::connections_max;
use super::readers::Readers;
use super::tls::{Tls, TlsError};
use super::{AccessParts, Api, ApiParts, History, Pressure, Scraper, connection, router};
use crate::config::Tokens;

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("cannot listen on {address}: {reason}; choose another --listen")]
    Listen { address: SocketAddr, reason: io::Error },
    #[error("--host is {name:?}; write a name alone, such as evq.example.com")]
    HostName { name: String },
}

/// A server that listens already.
pub struct Server {
    listener: TcpListener,
    /// `None` where the file system has no place for it.
    local: Option<LocalSocket>,
    address: SocketAddr,
    /// Why there is none.
    no_socket: Option<String>,
    router: Router,
    access: Arc<Access>,
    tls: Option<Arc<Tls>>,
    stop: watch::Sender<bool>,
    history: Arc<History>,
    pressure: Arc<Pressure>,
}

/// Ends a server from elsewhere.
#[derive(Clone)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// Nothing more is accepted; requests under way are answered.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// Changes what a server checks while it serves.
pub struct Reloader {
    access: Arc<Access>,
    tls: Option<Arc<Tls>>,
}

impl Reloader {
    pub fn has_certificate(&self) -> bool {
        self.tls.is_some()
    }

    /// From now on these are the tokens; every session ends.
    pub fn tokens(&self, tokens: Tokens) {
        self.access.replace_tokens(tokens);
    }

    /// Reads certificate and key again, if there are any.
    ///
    /// # Errors
    /// When they are not good; then all stays as it was.
    pub fn certificate(&self) -> Result<(), TlsError> {
        self.tls.as_ref().map_or(Ok(()), |tls| tls.reload())
    }
}

impl Server {
    /// Takes the address.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn listen(address: SocketAddr, parts: ApiParts) -> Result<Self, ServeError> {
        let fails = |reason| ServeError::Listen { address, reason };
        let listener = TcpListener::bind(address).await.map_err(fails)?;
        let address = listener.local_addr().map_err(fails)?;
        let local = LocalSocket::beside(&parts.database);
        let no_socket = local.as_ref().err().map(io::Error::to_string);
        let (stop, stopping) = watch::channel(false);
        let AccessParts { hosts, tokens, tls } = parts.access.clone();
        let transport = if tls.is_some() { Transport::Tls } else { Transport::Plain };
        let access = Arc::new(Access::new(hosts, tokens, address.port(), transport));
        let (history, pressure) = (parts.history.clone(), parts.pressure.clone());
        let scraper = Scraper::of(&parts);
        let api = Api {
            acceptor: Acceptor::new(parts.enqueue.clone()),
            scraper,
            tracer: parts.tracer,
            enqueue: parts.enqueue,
            maintain: parts.maintain,
            database: parts.database,
            clock: parts.clock,
            readers: Readers::new(parts.readers),
            handlers: parts.handlers,
            router: parts.router,
            metrics: parts.metrics,
            history: parts.history,
            news: parts.news,
            pressure: parts.pressure,
            access: access.clone(),
            trials: Arc::new(Semaphore::new(1)),
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            stopping,
        };
        let router = router::router(Arc::new(api));
        let local = local.ok();
        Ok(Server { listener, local, no_socket, address, router, access, tls, stop, history, pressure })
    }

    /// Where it listens; the port is the real one.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    pub fn reloader(&self) -> Reloader {
        Reloader { access: self.access.clone(), tls: self.tls.clone() }
    }

    /// Why other commands cannot reach it by the socket beside its database, if they cannot.
    pub fn no_socket(&self) -> Option<&str> {
        self.no_socket.as_deref()
    }

    pub fn stop(&self) -> Stop {
        Stop(self.stop.clone())
    }

    /// Serves until stopped. Then requests under way are answered, for a bounded time. What was handed over is
    /// stored before the store ends.
    pub async fn run(self) {
        let Server { listener, local, router, tls, stop, history, pressure, .. } = self;
        let ticking = tokio::spawn(tick(history, pressure));
        let mut stopping = stop.subscribe();
        let connections = GracefulShutdown::new();
        let room = Arc::new(Semaphore::new(connections_max()));
        let local_router = router.clone().layer(Extension(FromSocket));
        loop {
            let (connection, permit) = tokio::select! {
                next = next_connection(&listener, local.as_ref(), &room) => match next {
                    Some(next) => next,
                    None => continue,
                },
                _ = stopping.wait_for(|is_stopping| *is_stopping) => break,
            };
            let watcher = connections.watcher();
            let serving: Pin<Box<dyn Future<Output = ()> + Send>> = match connection {
                Connection::Remote(stream) => {
                    Box::pin(connection::serve(stream, tls.clone(), router.clone(), watcher))
                }
                Connection::Local(stream) => {
                    Box::pin(connection::serve_local(stream, local_router.clone(), watcher))
                }
            };
            tokio::spawn(async move {
                serving.await;
                drop(permit);
            });
        }
        drop((listener, local, router, local_router));
        ticking.abort();
        // Those who are still there then are cut off with the process.
        let _ = tokio::time::timeout(FAREWELL_MAX, connections.shutdown()).await;
    }
}

type Room = tokio::sync::OwnedSemaphorePermit;

/// Ends a second of the history each second.
async fn tick(history: Arc<History>, pressure: Arc<Pressure>) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    loop {
        seconds.tick().await;
        history.tick(pressure.unsettled());
    }
}

/// Someone who came.
enum Connection {
    Remote(TcpStream),
    Local(UnixStream),
}

async fn next_connection(
    listener: &TcpListener,
    local: Option<&LocalSocket>,
    room: &Arc<Semaphore>,
) -> Option<(Connection, Room)> {
    /// When the process has no file descriptor left, one may come free.
    const BREATH: Duration = Duration::from_millis(50);
    let permit = room.clone().acquire_owned().await.ok()?;
    let from_socket = async {
        match local {
            Some(local) => local.accept().await,
            None => std::future::pending().await,
        }
    };
    let accepted = tokio::select! {
        accepted = listener.accept() => accepted.map(|(stream, _)| Connection::Remote(stream)),
        accepted = from_socket => accepted.map(Connection::Local),
    };
    match accepted {
        Ok(connection) => {
            if let Connection::Remote(stream) = &connection {
                // A connection without these is served as well.
                let _ = connection::bound(stream);
            }
            Some((connection, permit))
        }
        Err(_) => {
            tokio::time::sleep(BREATH).await;
            None
        }
    }
}
