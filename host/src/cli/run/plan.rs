//! From what was typed to what it means: all checks, no work.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::RunArgs;
use crate::cli::Failure;
use crate::event::RetryPolicy;
use crate::queue::WhenDrained;
use crate::source::{Format, Input};

pub struct Plan {
    pub inputs: Vec<Input>,
    pub format: Format,
    pub db: PathBuf,
    pub workers: NonZeroUsize,
    pub policy: RetryPolicy,
    pub when_drained: WhenDrained,
}

impl Plan {
    pub fn of(args: &RunArgs) -> Result<Self, Failure> {
        Ok(Plan {
            inputs: args.events.inputs()?,
            format: args.events.format()?,
            db: args.queue.db(),
            workers: args.queue.workers()?,
            policy: args.queue.policy()?,
            when_drained: match args.no_wait {
                true => WhenDrained::LeaveRetries,
                false => WhenDrained::AwaitRetries,
            },
        })
    }
}
