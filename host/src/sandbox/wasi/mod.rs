//! What a program for WASI finds in an attempt, whichever version it was built for: the event on its
//! standard input, its output and log lines on the other two streams, a clock and random numbers that
//! are the event's own, and nothing else.
//!
//! All of it lies in memory and answers at once, so no call can block or outlast the attempt; but for requests that
//! are granted, which wait no longer than the attempt may run.

mod clock;
mod denied;
mod exit;
pub mod http;
pub mod preview2;
mod resources;
mod stdio;

pub use clock::{AttemptClock, RESOLUTION_NS};
pub use denied::{Denied, Grant};
pub use exit::{Exit, verdict_of_exit};
pub use resources::Resources;
pub use stdio::{Stdio, output_of_bytes};
