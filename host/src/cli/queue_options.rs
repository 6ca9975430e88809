//! The options that every command with a queue has: where it lies, how wide it runs, when it gives up.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::{self, ConfigError, Overrides, parse_duration};
use crate::event::RetryPolicy;

#[derive(Debug, clap::Args)]
pub struct QueueOptions {
    /// The database; made if it is not there
    #[arg(long, value_name = "PATH", default_value = "evq.db")]
    pub db: PathBuf,

    /// Attempts at the same time [default: one a core]
    #[arg(long, value_name = "N")]
    workers: Option<usize>,

    /// Failures after which an event is dead [default: 5]
    #[arg(long, value_name = "N")]
    max_attempts: Option<u32>,

    /// First retry's longest delay; it doubles each time, up to 5 minutes [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    retry_delay: Option<Duration>,
}

impl QueueOptions {
    pub fn workers(&self) -> Result<NonZeroUsize, ConfigError> {
        config::workers(self.workers)
    }

    pub fn policy(&self) -> Result<RetryPolicy, ConfigError> {
        let overrides = Overrides {
            attempts_max: self.max_attempts,
            retry_base: self.retry_delay,
            ..Overrides::default()
        };
        overrides.policy()
    }
}
