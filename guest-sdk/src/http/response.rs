//! What a server answered.

use std::str::Utf8Error;
use std::time::Duration;

use serde::Deserialize;

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Response {
    /// An answer for a test: see [`crate::testing`].
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Response { status, headers: Vec::new(), body: body.into() }
    }

    /// Adds a header field, for a test.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Its status: 200, 404.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first header field of this name, however it is capitalized.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// All header fields, with their names in lower case.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Its body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Its body as text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self) -> Result<&str, Utf8Error> {
        std::str::from_utf8(&self.body)
    }

    /// Its body, read from JSON.
    ///
    /// # Errors
    /// When it is not JSON, or not such a value.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// Itself, if its status is one of success.
    ///
    /// # Errors
    /// Of other statuses: what the server says may pass (408, 429, 5xx) is retried, after the time that its
    /// `retry-after` names in seconds where it does; the rest is permanent.
    pub fn success(self) -> Result<Self, crate::Error> {
        let message = || format!("the server answered with status {}", self.status);
        let retry_after = self.header("retry-after").and_then(|seconds| seconds.trim().parse().ok());
        match (self.status, retry_after) {
            (200..=299, _) => Ok(self),
            (429 | 503, Some(seconds)) => {
                Err(crate::Error::retry_after(Duration::from_secs(seconds), message()))
            }
            (408 | 429 | 500..=599, _) => Err(crate::Error::failed(message())),
            _ => Err(crate::Error::permanent(message())),
        }
    }
}
