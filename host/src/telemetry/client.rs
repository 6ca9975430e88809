//! HTTP for whatever goes to the collector: on the thread that sends, bounded in time and size.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::Agent;
use ureq::http::HeaderMap;
use ureq::tls::{RootCerts, TlsConfig};

/// A request is answered within this time, or it has failed. The default of OTLP's exporters.
pub const SEND_TIME_MAX: Duration = Duration::from_secs(10);
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);

/// A collector's answer says little.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    headers: HeaderMap,
    /// Why the last request came to nothing, which the SDK's exporter does not tell.
    trouble: Arc<Mutex<Option<String>>>,
}

impl Client {
    /// One that adds these headers to each request.
    pub fn new(headers: HeaderMap) -> Self {
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT_TIME_MAX))
            .timeout_global(Some(SEND_TIME_MAX))
            .tls_config(tls)
            .build()
            .new_agent();
        Client { agent, headers, trouble: Arc::default() }
    }

    /// Sends a request and waits for the answer, of whatever status.
    ///
    /// # Errors
    /// When none comes in time.
    pub fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let answered = self.answer_to(request);
        let trouble = match &answered {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("it answers with status {}", answer.status())),
            Err(error) => Some(error.to_string()),
        };
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        answered
    }

    /// What went wrong last.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn answer_to(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (mut head, body) = request.into_parts();
        head.headers.extend(self.headers.clone());
        let mut answer = self.agent.run(Request::from_parts(head, &body[..]))?;
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
        let (head, _) = answer.into_parts();
        Ok(Response::from_parts(head, body.into()))
    }
}

/// The SDK asks from a thread of its own, which has nothing else to do than to wait for this.
#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        Ok(self.send(request)?)
    }
}
