//! One connection: HTTP/1.1 within its bounds, from its first byte to a farewell.

use std::io;
use std::sync::Arc;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use hyper_util::service::TowerToHyperService;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use super::bounds::{HEAD_BYTES_MAX, HEAD_TIME_MAX, UNRESPONSIVE_MAX};
use super::linger::{Lingering, Refused};
use super::tls::Tls;

/// Serves requests until the peer goes, breaks a rule, or the server stops.
pub async fn serve(stream: TcpStream, tls: Option<Arc<Tls>>, router: Router, stopping: Watcher) {
    let (stream, refused) = Lingering::new(stream);
    match tls {
        None => serve_requests(stream, refused, router, stopping).await,
        Some(tls) => {
            // What is no TLS, or fails it, is told so by the protocol itself.
            if let Some(stream) = tls.accept(stream).await {
                serve_requests(stream, refused, router, stopping).await;
            }
        }
    }
}

/// As [`serve`], for what comes by the socket beside the database.
pub async fn serve_local(stream: UnixStream, router: Router, stopping: Watcher) {
    let (stream, refused) = Lingering::new(stream);
    serve_requests(stream, refused, router, stopping).await;
}

async fn serve_requests(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    refused: Refused,
    router: Router,
    stopping: Watcher,
) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request| {
        let (answer, refused) = (router.call(request), refused.clone());
        async move {
            let answer = answer.await;
            refused.set(answer.as_ref().is_ok_and(|answer| !answer.status().is_success()));
            answer
        }
    });
    let connection = protocol().serve_connection(TokioIo::new(stream), service);
    // What a client does wrong is its own affair.
    let _ = stopping.watch(connection).await;
}

/// A peer that is gone without a word, or reads nothing of its answer, does not hold a place for ever.
pub fn bound(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(UNRESPONSIVE_MAX))?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(UNRESPONSIVE_MAX))
}

fn protocol() -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_MAX).max_buf_size(HEAD_BYTES_MAX);
    protocol
}
