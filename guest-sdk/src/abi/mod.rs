//! The host's functions (ABI.md) as safe Rust, and nothing else: no JSON, no policy.
//!
//! On wasm32 they are the imports of module `evq_v1`, or those of the component's world; natively they are
//! a stand-in that keeps what it was told. All code above this module is the same in all three.

#[cfg(all(target_arch = "wasm32", feature = "component"))]
pub mod component;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod fake;
#[cfg(all(target_arch = "wasm32", feature = "getrandom"))]
mod getrandom;
#[cfg(all(target_arch = "wasm32", not(feature = "component")))]
mod wasm;

#[cfg(all(target_arch = "wasm32", feature = "component"))]
pub(crate) use component::{
    attempt, emit, env, error, event_text, last_words, log, now_ms, output, random_fill, retry_after_ms,
};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use fake::{
    attempt, emit, env, error, event_text, http, log, now_ms, output, random_fill, retry_after_ms,
};
#[cfg(all(target_arch = "wasm32", not(feature = "component")))]
pub(crate) use wasm::error as last_words;
#[cfg(all(target_arch = "wasm32", not(feature = "component")))]
pub(crate) use wasm::{
    attempt, emit, env, error, event_text, http, log, now_ms, output, random_fill, retry_after_ms,
};

/// What the export returns: how the attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    Done = 0,
    Failed = 1,
    NotYet = 2,
    Permanent = 3,
}

/// How the bytes of an output are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputKind {
    Json = 0,
    Bytes = 1,
}
