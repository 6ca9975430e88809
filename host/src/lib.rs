//! wasm-evq
#![allow(missing_docs)]
pub mod backlog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod event;
pub mod limits;
pub mod observe;
pub mod queue;
pub mod sandbox;
pub mod source;
pub mod store;
