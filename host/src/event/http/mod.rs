//! The CloudEvents HTTP binding: what a request's headers and body mean. Knows no web framework.

mod binary;
mod header;
mod mode;

pub use binary::BinaryMessage;
pub use mode::{Mode, UnknownMode};
