//! The server's life: listens, takes connections up to a bound, and ends in bounded time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use super::acceptor::Acceptor;
use super::bounds::{CONNECTIONS_MAX, FAREWELL_MAX, STREAMS_MAX};
use super::readers::Readers;
use super::{Api, ApiParts, History, Pressure, connection, router};

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("cannot listen on {address}: {reason}; choose another --listen")]
    Listen { address: SocketAddr, reason: io::Error },
    #[error("--host is {name:?}; write a name alone, such as evq.example.com")]
    HostName { name: String },
    #[error("the machine gives no thread to accept events with: {0}")]
    Thread(io::Error),
}

/// A server that listens already.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    acceptor: JoinHandle<()>,
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

impl Server {
    /// Takes the address.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn listen(address: SocketAddr, parts: ApiParts) -> Result<Self, ServeError> {
        let fails = |reason| ServeError::Listen { address, reason };
        let listener = TcpListener::bind(address).await.map_err(fails)?;
        let address = listener.local_addr().map_err(fails)?;
        let (stop, stopping) = watch::channel(false);
        let (acceptor, thread) = Acceptor::start(parts.enqueue.clone()).map_err(ServeError::Thread)?;
        let (history, pressure) = (parts.history.clone(), parts.pressure.clone());
        let api = Api {
            acceptor,
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
            hosts: parts.hosts,
            trials: Arc::new(Semaphore::new(1)),
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            stopping,
        };
        let router = router::router(Arc::new(api));
        Ok(Server { listener, address, router, acceptor: thread, stop, history, pressure })
    }

    /// Where it listens; the port is the real one.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn stop(&self) -> Stop {
        Stop(self.stop.clone())
    }

    /// Serves until stopped. Then requests under way are answered, for a bounded time, and what was
    /// handed over is stored.
    pub async fn run(self) {
        let Server { listener, router, acceptor, stop, history, pressure, .. } = self;
        let ticking = tokio::spawn(tick(history, pressure));
        let mut stopping = stop.subscribe();
        let connections = GracefulShutdown::new();
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let stream = tokio::select! {
                stream = next_connection(&listener, &room) => stream,
                _ = stopping.wait_for(|is_stopping| *is_stopping) => break,
            };
            let Some((stream, permit)) = stream else { continue };
            let serving = connection::serve(stream, router.clone(), connections.watcher());
            tokio::spawn(async move {
                serving.await;
                drop(permit);
            });
        }
        drop((listener, router));
        ticking.abort();
        // Those who are still there then are cut off with the process.
        let _ = tokio::time::timeout(FAREWELL_MAX, connections.shutdown()).await;
        let _ = tokio::time::timeout(FAREWELL_MAX, tokio::task::spawn_blocking(|| acceptor.join())).await;
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

async fn next_connection(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<(TcpStream, Room)> {
    /// When the process has no file descriptor left, one may come free.
    const BREATH: Duration = Duration::from_millis(50);
    let permit = room.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // A connection without these is served as well.
            let _ = connection::bound(&stream);
            Some((stream, permit))
        }
        Err(_) => {
            tokio::time::sleep(BREATH).await;
            None
        }
    }
}
