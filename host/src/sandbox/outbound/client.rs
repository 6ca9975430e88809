//! The way out. No redirect is followed, no cookie kept, no proxy asked, no connection used twice; and a name is
//! looked up once, by the resolver that also decides whether its addresses may be called.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio_rustls::rustls;
use ureq::config::Config;
use ureq::http::{HeaderMap, Request, Response, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body, Error, RequestExt};

use super::Answer;
use super::address::is_public;
use super::request::Checked;
use crate::event::{HttpFailure, HttpFailureCode, HttpResponse};
use crate::grants::{Http, Origin};
use crate::limits::HTTP_HEADER_BYTES_MAX;

/// Calls what one handler is granted.
#[derive(Debug)]
pub struct Client {
    granted: Http,
    /// Made with the first request: most handlers send none.
    agent: OnceLock<Agent>,
}

impl Client {
    pub fn new(granted: Http) -> Self {
        Client { granted, agent: OnceLock::new() }
    }

    /// Sends a request, and waits for all of its answer. Takes `time` at most, and `body_bytes_max` of the
    /// answer's body.
    pub fn send(&self, request: &Checked, time: Duration, body_bytes_max: u64) -> Answer {
        if time.is_zero() {
            return Err(late(time));
        }
        let agent = self.agent.get_or_init(|| agent(self.granted.clone()));
        let failed = |error| failure(request, error, time, body_bytes_max);
        let response = run(agent, request, time).map_err(failed)?;
        read(response, body_bytes_max).map_err(failed)
    }
}

fn agent(granted: Http) -> Agent {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .max_idle_connections(0)
        .max_idle_connections_per_host(0)
        .max_response_header_size(HTTP_HEADER_BYTES_MAX)
        .user_agent(concat!("wasm-evq/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls)
        .build();
    let resolver = Guard { names: DefaultResolver::default(), granted };
    Agent::with_parts(config, DefaultConnector::default(), resolver)
}

fn run(agent: &Agent, request: &Checked, time: Duration) -> Result<Response<Body>, Error> {
    let asked = request.request();
    let headers = asked.headers.iter();
    let made = headers
        .fold(Request::builder().method(&*asked.method).uri(&*asked.url), |made, (name, value)| {
            made.header(name, value)
        });
    // A body of no bytes is announced where a body is expected, and not there at all elsewhere.
    let has_body = !asked.body.is_empty() || matches!(&*asked.method, "POST" | "PUT" | "PATCH");
    match has_body {
        true => made.body(&asked.body[..])?.with_agent(agent).configure().timeout_global(Some(time)).run(),
        false => made.body(())?.with_agent(agent).configure().timeout_global(Some(time)).run(),
    }
}

fn read(response: Response<Body>, body_bytes_max: u64) -> Result<HttpResponse, Error> {
    let (head, body) = response.into_parts();
    let body = body.into_with_config().limit(body_bytes_max).read_to_vec()?;
    Ok(HttpResponse { status: head.status.as_u16(), headers: fields(&head.headers), body })
}

/// What is not UTF-8 is told as far as it is: the guest sees what is recorded.
fn fields(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect()
}

/// Looks names up, and gives on only addresses that may be called.
#[derive(Debug)]
struct Guard {
    names: DefaultResolver,
    granted: Http,
}

/// Why a name has no address to be called.
#[derive(Debug, thiserror::Error)]
enum Unresolved {
    #[error("its host has the address {0}, which is not public; the operator can grant that with private")]
    NotPublic(std::net::IpAddr),
    #[error("its host cannot be looked up: {0}")]
    Unknown(String),
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.names.resolve(uri, config, timeout).map_err(|error| match error {
            Error::Timeout(reason) => Error::Timeout(reason),
            other => Error::Other(Box::new(Unresolved::Unknown(other.to_string()))),
        })?;
        let allows_private = Origin::of(uri).is_ok_and(|origin| self.granted.allows_private(&origin));
        let (allowed, refused) = sorted(&found, allows_private);
        match (allowed.first(), refused.first()) {
            (None, Some(refused)) => Err(Error::Other(Box::new(Unresolved::NotPublic(refused.ip())))),
            (None, None) => Err(Error::HostNotFound),
            _ => {
                let mut addresses = self.empty();
                allowed.into_iter().for_each(|address| addresses.push(address));
                Ok(addresses)
            }
        }
    }
}

/// Addresses that may be called, and the others.
fn sorted(found: &[SocketAddr], allows_private: bool) -> (Vec<SocketAddr>, Vec<SocketAddr>) {
    found.iter().copied().partition(|address| allows_private || is_public(address.ip()))
}

fn late(time: Duration) -> HttpFailure {
    let message = format!("there was no whole answer within {} ms", time.as_millis());
    HttpFailure::new(HttpFailureCode::Timeout, message)
}

/// What went wrong, told by the origin alone.
fn failure(request: &Checked, error: Error, time: Duration, body_bytes_max: u64) -> HttpFailure {
    let told = |code, reason: String| {
        HttpFailure::new(code, format!("{} {}: {reason}", request.method.as_str(), request.origin))
    };
    match error {
        Error::Timeout(_) => told(HttpFailureCode::Timeout, late(time).message),
        Error::HostNotFound => told(HttpFailureCode::Dns, "its host has no address".into()),
        Error::BodyExceedsLimit(_) => {
            let reason = format!("the body of the answer is larger than {body_bytes_max} bytes, the limit");
            told(HttpFailureCode::ResponseTooLarge, reason)
        }
        Error::LargeResponseHeader(..) => {
            let reason =
                format!("the header of the answer is larger than {HTTP_HEADER_BYTES_MAX} bytes, the limit");
            told(HttpFailureCode::ResponseTooLarge, reason)
        }
        Error::Other(error) => match error.downcast_ref() {
            Some(unresolved @ Unresolved::NotPublic(_)) => {
                told(HttpFailureCode::AddressRefused, unresolved.to_string())
            }
            _ => told(HttpFailureCode::Dns, error.to_string()),
        },
        Error::Tls(_) | Error::Rustls(_) => told(HttpFailureCode::Tls, error.to_string()),
        Error::Io(error)
            if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>) =>
        {
            told(HttpFailureCode::Tls, error.to_string())
        }
        Error::Io(error) if is_of_connecting(error.kind()) => {
            told(HttpFailureCode::Connect, error.to_string())
        }
        Error::ConnectionFailed => told(HttpFailureCode::Connect, error.to_string()),
        other => told(HttpFailureCode::Broken, other.to_string()),
    }
}

fn is_of_connecting(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::AddrNotAvailable
            | ErrorKind::PermissionDenied
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn of_a_names_addresses_only_those_that_may_be_called_are_given_on() {
        let found = addresses(&["10.0.0.1:80", "8.8.8.8:80", "[::1]:80", "[::ffff:8.8.8.8]:80"]);
        let (allowed, refused) = sorted(&found, false);
        assert_eq!(allowed, addresses(&["8.8.8.8:80"]));
        assert_eq!(refused.len(), 3);
        assert_eq!(sorted(&found, true), (found, Vec::new()));
    }
}
