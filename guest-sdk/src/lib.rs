//! Write [wasm-evq] event handlers in Rust.
//!
//! A handler is one function. The host calls it once per event, each time in a fresh WebAssembly
//! instance that is thrown away afterwards, and records what it returns.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use wasm_evq_guest::{Error, Event, handler};
//!
//! #[derive(Deserialize)]
//! struct Order {
//!     qty: u32,
//!     price_cents: u64,
//! }
//!
//! #[derive(Serialize)]
//! struct Receipt {
//!     total_cents: u64,
//! }
//!
//! #[handler]
//! fn handle(event: Event<Order>) -> Result<Receipt, Error> {
//!     let order = event.data()?;
//!     Ok(Receipt { total_cents: u64::from(order.qty) * order.price_cents })
//! }
//!
//! // No Wasm is needed to test it:
//! use wasm_evq_guest::testing;
//! let outcome = testing::event("order.placed")
//!     .data(serde_json::json!({"qty": 2, "price_cents": 350}))
//!     .run(handle);
//! assert_eq!(outcome.json(), serde_json::json!({"total_cents": 700}));
//! ```
//!
//! # What a handler returns
//!
//! | returned | recorded |
//! | --- | --- |
//! | any [`serde::Serialize`] value | its JSON text |
//! | [`Bytes`] | the bytes |
//! | `()` | no output |
//! | `Result<one of these, E>` with `E: Into<Error>` | the output, or the failure |
//!
//! `?` turns every ordinary error into a failure that is retried; [`Error::permanent`] and
//! [`Error::retry_after`] say otherwise. [`emit`] adds new events, the macros of [`log`] add log
//! lines, [`random_fill`] gives random bytes, [`env()`] a value that the operator granted, [`http`] the answers
//! of servers that the operator granted. What a failed attempt emitted is dropped.
//!
//! # From export to reply
//!
//! 1. [`handler`] exports `evq_handle_v1`, which enters the private module `run`.
//! 2. `hook` and `logger` are installed: a panic and a log line reach the host from here on.
//! 3. `abi` copies the event into one buffer that lives as long as the instance.
//! 4. `envelope` sorts its attributes in one pass; [`Event::data`] reads the data when asked.
//! 5. The handler runs.
//! 6. [`Reply`] puts out the result, or [`Error`] becomes a message, and a code is returned.
//!
//! Natively the same steps run against a stand-in for the host: see [`testing`].
//!
//! [wasm-evq]: https://github.com/wasm-evq/wasm-evq
#![deny(missing_docs)]

mod abi;
#[cfg(all(target_arch = "wasm32", feature = "allocator"))]
mod allocator;
mod base64;
mod bytes;
pub mod emit;
mod envelope;
mod error;
mod event;
mod hook;
pub mod http;
mod logger;
mod members;
mod payload;
mod reply;
mod run;
mod scalar;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use bytes::Bytes;
pub use error::Error;
pub use event::Event;
pub use log;
pub use payload::Payload;
pub use reply::{Output, Reply};
pub use scalar::Scalar;
pub use serde_json::value::RawValue as RawJson;
pub use serde_json::{self, Value, json};
pub use wasm_evq_guest_macros::handler;

/// Fills `buffer` with random bytes.
///
/// The stream is seeded by the event's identity: every attempt at one event sees the same bytes,
/// and no two events share them. Good for ids and sampling, not for secrets.
pub fn random_fill(buffer: &mut [u8]) {
    abi::random_fill(buffer);
}

/// The value, or the secret, that the operator granted to this handler by this name; `None` without one.
///
/// Values come from `wasm-evq run --env NAME=VALUE`, `--secret-env`, `--secret-file`, or `[handler.environment]`
/// in `evq.toml`. What is put out or logged of a secret is recorded.
///
/// ```
/// use wasm_evq_guest::{Error, Event, env, handler, testing};
///
/// #[handler]
/// fn handle(_: Event) -> Result<String, Error> {
///     env("CURRENCY").ok_or_else(|| Error::permanent("no CURRENCY is granted"))
/// }
///
/// let outcome = testing::event("order").data(1).env("CURRENCY", "EUR").run(handle);
/// assert_eq!(outcome.json(), "EUR");
/// ```
pub fn env(name: &str) -> Option<String> {
    abi::env(name)
}

/// What `#[handler]` writes calls to. Not for use by hand: it may change in any release.
#[doc(hidden)]
pub mod __private {
    #[cfg(all(target_arch = "wasm32", feature = "component"))]
    pub use crate::abi::component;
    pub use crate::reply::{Fallible, Plain};
    pub use crate::run::{Argument, run};
}

/// Exports a function from an event's length to a code, as the core ABI has it.
#[cfg(not(feature = "component"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($handle:ident) => {
        #[unsafe(export_name = "evq_handle_v1")]
        extern "C" fn evq_handle_v1(event_len: usize) -> i32 {
            $handle(event_len)
        }
    };
}

/// Exports a function from an event's length to a code, as the component's world has it.
#[cfg(feature = "component")]
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($handle:ident) => {
        struct Handler;

        impl $crate::__private::component::bindings::Guest for Handler {
            fn handle(
                event: ::std::string::String,
            ) -> ::std::result::Result<
                ::std::option::Option<$crate::__private::component::bindings::Output>,
                $crate::__private::component::bindings::Failure,
            > {
                $crate::__private::component::handle(event, $handle)
            }
        }

        $crate::__private::component::bindings::export_component!(
            Handler with_types_in $crate::__private::component::bindings
        );
    };
}
