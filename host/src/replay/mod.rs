//! Runs recorded attempts again and compares: what [`verify()`] proves, what [`replay()`] shows of one, and
//! what [`diff()`] tells of another module.
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

mod candidate;
mod compare;
mod crew;
mod debug;
mod diff;
mod error;
mod modules;
mod order;
mod pointers;
mod reason;
mod spread;
mod text;
mod verify;
mod walk;

pub use candidate::Candidate;
pub use compare::FieldDifference;
pub use debug::{Apart, Module, Replayed, replay};
pub use diff::{BeforeAfter, Comparison, DiffConfig, DiffTold, Effect, EventChange, diff};
pub use error::ReplayError;
pub use modules::Ground;
pub use pointers::FieldChange;
pub use reason::Reason;
pub use verify::{AttemptDifference, Findings, Told, Uncompared, VerifyConfig, verify};
pub use walk::Which;
