//! wasm-evq takes events in, keeps them in a durable queue, runs each in a fresh Wasm instance of a
//! handler that somebody else wrote, and stores the result.
//!
//! # The story of one event
//!
//! ```text
//! source::feed, api       reads a line, or a request; event::parse_event makes it a NewEvent, or it is
//!    │                    rejected with its reason and kept
//!    ▼
//! route::Router           the handlers whose filters it fits: each will settle it by itself
//!    │
//!    ▼
//! store::Enqueue          one commit, then "accepted"; source + id seen before is a duplicate
//!    │
//!    ▼
//! queue::dispatcher       claims as many as there is room for: attempt + 1, a lease, in the file
//!    │                    before anyone runs it
//!    ▼
//! queue::attempt          the whole life of one attempt:
//!    │  Handler::invoke     a fresh instance under its limits; whatever the guest does is a Verdict
//!    │  event::decide       the only place that says what a verdict means: done, retry at, dead
//!    ▼
//! queue::settler          gathers ended attempts
//!    │
//!    ▼
//! store::Lease::settle    result, history and emitted events in one commit, and only if the lease
//!    │                    is still ours
//!    ▼
//! store::Inspect          results, show, stats; or plain SQL on the view `results`
//!    ▼
//! queue::pruner           of a server: what is over and old is forgotten, beside the work
//! ```
//!
//! A handler may be *run* again after a crash: a lease whose owner is gone becomes `Verdict::Lost`
//! and takes the same road. Its outcome is *recorded* once.
//!
//! A guest's failure is a [`event::Verdict`]. A host's failure is an `Err`, and the safe answer is
//! always the same: do not settle; the lease ends; the event is there.
//!
//! # The rooms
//!
//! Dependencies point down; peers never import each other. `tests/map.rs` holds this table.
//!
//! | rank | rooms | |
//! | --- | --- | --- |
//! | 5 | [`cli`] | commands; the only room that prints |
//! | 4 | [`queue`], [`source`], [`api`], [`replay`] | the queue at work; where events come from; HTTP; recorded attempts run again and compared |
//! | 3 | [`route`] | which handlers an event goes to |
//! | 2 | [`store`], [`sandbox`] | the contract and its back ends; wasmtime |
//! | 1 | [`config`], [`telemetry`] | settings, checked; spans and metrics to an OpenTelemetry collector |
//! | 0 | [`event`], [`clock`], [`limits`], [`grants`], [`observe`], [`backlog`], [`switch`] | the vocabulary |
//!
//! wasmtime's types stay in `sandbox/`, rusqlite's in `store/sqlite/`, OpenTelemetry's in `telemetry/`.

pub mod api;
pub mod backlog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod event;
pub mod grants;
pub mod limits;
pub mod observe;
pub mod queue;
pub mod replay;
pub mod route;
pub mod sandbox;
pub mod source;
pub mod store;
pub mod switch;
pub mod telemetry;
