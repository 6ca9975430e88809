//! The host's functions (ABI.md) as safe Rust, and nothing else: no JSON, no policy.
//!
//! On wasm32 they are the imports of module `evq_v1`; natively they are a stand-in that keeps what
//! it was told, so that all code above this module is the same in both.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod fake;
#[cfg(all(target_arch = "wasm32", feature = "getrandom"))]
mod getrandom;
#[cfg(target_arch = "wasm32")]
mod wasm;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use fake::{attempt, emit, error, event_text, log, now_ms, output, random_fill, retry_after_ms};
#[cfg(target_arch = "wasm32")]
pub(crate) use wasm::{attempt, emit, error, event_text, log, now_ms, output, random_fill, retry_after_ms};

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
