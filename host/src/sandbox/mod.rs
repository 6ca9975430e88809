//! The sandbox: runs a handler on one event in an instance that no attempt used before.
//!
//! Three lifetimes, and nothing crosses them: per process the settings and the clock ([`Sandbox`]), per
//! handler and worker the compiled and pre-linked module on an engine of its own ([`Handler`]), per
//! attempt the store with its limits, logs and outputs. This room knows no database and no queue; all wasmtime
//! types stay in here.
//!
//! Handlers are of several kinds, and share one frame: `load` compiles and finds the kind by what is exported
//! (`abi`), `program` links it, `run` bounds an attempt and reports it. What differs is in `abi`, a file a kind: what
//! it is called by and how its answer is read. What programs for WASI find in an attempt is in `wasi`; what any handler
//! may ask of others, in `outbound`.

mod abi;
mod attempt_state;
mod budget;
mod compile;
mod compile_cost;
mod componentize;
mod debugging;
mod engine;
mod error;
mod fingerprint;
mod fuel;
mod guest_memory;
mod handler;
mod load;
mod outbound;
mod program;
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
mod resident;
mod run;
#[cfg(test)]
mod tests;
mod ticker;
mod toll;
mod trap;
mod warm;
mod wasi;

pub use componentize::componentize;
pub use debugging::Remains;
pub use engine::{Allocation, Allocator, Sandbox, SandboxConfig};
pub use error::{LoadError, SandboxError};
pub use handler::{Handler, HandlerFacts};
pub use outbound::Answers;
pub use run::{Invocation, Invoked};
pub use warm::WarmInstance;
