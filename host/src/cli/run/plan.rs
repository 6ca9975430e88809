//! From what was typed to what it means: all checks, no work.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::RunArgs;
use crate::cli::Failure;
use crate::config::HandlerSettings;
use crate::queue::WhenDrained;
use crate::source::{Format, Input};

pub struct Plan {
    /// One at least.
    pub handlers: Vec<HandlerSettings>,
    /// Whether they stand in a file, so that each is told of by its name.
    pub is_file: bool,
    pub inputs: Vec<Input>,
    pub format: Format,
    pub db: PathBuf,
    /// Of each handler.
    pub workers: NonZeroUsize,
    pub when_drained: WhenDrained,
    pub print: bool,
}

impl Plan {
    pub fn of(args: &RunArgs) -> Result<Self, Failure> {
        let is_file = args.handlers.is_file();
        // Of the file's [serve] only what is not about being a server.
        let (handlers, written) = args.handlers.settings(args.queue.policy_beside(is_file)?)?;
        let count = NonZeroUsize::new(handlers.len()).unwrap_or(NonZeroUsize::MIN);
        Ok(Plan {
            handlers,
            is_file,
            inputs: args.events.inputs_after(args.handlers.first_events())?,
            format: args.events.format()?,
            db: args.queue.db_over(written.db),
            workers: args.queue.workers_over(written.workers, count)?,
            when_drained: match args.no_wait {
                true => WhenDrained::LeaveRetries,
                false => WhenDrained::AwaitRetries,
            },
            print: args.print,
        })
    }
}
