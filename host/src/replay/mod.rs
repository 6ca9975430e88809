//! Runs recorded attempts again and compares: what [`verify`] proves, and [`replay`] shows of one.
//!
//! An attempt depends on its event, its module and its limits, all of which are recorded. So whoever runs
//! it again, in any order, beside any others, on memory from anywhere, must see the same come out.
//!
//! ```text
//! order ── event numbers ──> store::Inspect ── recorded attempts ──> crew ── verdicts ──> compare
//!                                   │                                 ^
//!                                   └── module bytes ──> modules ─────┘
//! ```
//!
//! Reads in short snapshots, a page at a time, beside a `run` that owns the database. Changes nothing.

mod compare;
mod crew;
mod debug;
mod error;
mod modules;
mod order;
mod reason;
mod text;
mod verify;
mod walk;

pub use compare::FieldDifference;
pub use debug::{Apart, Module, Replayed, replay};
pub use error::ReplayError;
pub use modules::Ground;
pub use reason::Reason;
pub use verify::{AttemptDifference, Findings, Told, Uncompared, VerifyConfig, verify};
pub use walk::Which;
