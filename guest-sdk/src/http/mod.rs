//! Requests to servers that the operator granted: `wasm-evq run --http https://api.example.com=GET,POST`, or
//! `[[handler.http]]` in `evq.toml`.
//!
//! ```
//! use wasm_evq_guest::http::{Request, Response};
//! use wasm_evq_guest::{Error, Event, Value, handler, json, testing};
//!
//! #[handler]
//! fn handle(event: Event) -> Result<Value, Error> {
//!     let response = Request::post("https://api.example.com/orders")
//!         .header("idempotency-key", event.id())
//!         .json(event.data()?)?
//!         .send()?
//!         .success()?;
//!     Ok(response.json()?)
//! }
//!
//! let created = Response::new(201, r#"{"number":7}"#);
//! let outcome = testing::event("order").data(1).answer(created).run(handle);
//! assert_eq!(outcome.json(), json!({"number": 7}));
//! assert_eq!(outcome.requests()[0].url(), "https://api.example.com/orders");
//! ```
//!
//! The host sends a request once, follows no redirect, keeps no cookie, and waits no longer than ten seconds
//! or the rest of the attempt. Each request is recorded with its answer, but for secrets, and a second run of
//! the attempt by `verify` or `replay` gets the recorded answers.
//!
//! An attempt that fails or is lost is run again, and then sends its requests again: give those that change
//! something a key that the server knows them by, such as the event's id.

mod error;
mod response;
#[cfg(all(target_arch = "wasm32", feature = "component"))]
mod wasi;
#[cfg(not(all(target_arch = "wasm32", feature = "component")))]
mod wire;

use serde::Serialize;

pub use error::Error;
pub use response::Response;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use wire::{answer_bytes, request_of};

/// A request in the making; nothing is sent before [`Request::send`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a request is sent by `send`"]
pub struct Request {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// A request with this method, in upper case.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Request { method: method.into(), url: url.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// A GET request.
    pub fn get(url: impl Into<String>) -> Self {
        Request::new("GET", url)
    }

    /// A POST request.
    pub fn post(url: impl Into<String>) -> Self {
        Request::new("POST", url)
    }

    /// A PUT request.
    pub fn put(url: impl Into<String>) -> Self {
        Request::new("PUT", url)
    }

    /// A PATCH request.
    pub fn patch(url: impl Into<String>) -> Self {
        Request::new("PATCH", url)
    }

    /// A DELETE request.
    pub fn delete(url: impl Into<String>) -> Self {
        Request::new("DELETE", url)
    }

    /// Adds a header field. Those that say how a message is sent, such as `content-length`, are the host's.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body, as bytes.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the body, as JSON, and says so in `content-type`.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    pub fn json(self, value: &(impl Serialize + ?Sized)) -> Result<Self, crate::Error> {
        let unwritten = |error| {
            let Request { method, url, .. } = &self;
            crate::Error::permanent(format_args!(
                "the body of {method} {url} cannot be written as JSON: {error}"
            ))
        };
        let body = serde_json::to_vec(value).map_err(unwritten)?;
        Ok(self.header("content-type", "application/json").body(body))
    }

    /// Its method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its header fields, in the order in which they were added.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Its body.
    pub fn body_bytes(&self) -> &[u8] {
        &self.body
    }

    /// Sends it, and waits for the answer, whatever its status.
    ///
    /// # Errors
    /// When there is no answer. `?` in a handler makes a failure of it that is retried, or a permanent one.
    pub fn send(self) -> Result<Response, Error> {
        #[cfg(all(target_arch = "wasm32", feature = "component"))]
        return wasi::send(self);
        #[cfg(not(all(target_arch = "wasm32", feature = "component")))]
        return wire::send(&self);
    }
}
