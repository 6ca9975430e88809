//! The options that every command with a queue has: where it lies, how wide it runs, when it gives up.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use super::Failure;
use crate::config::{self, ConfigError, Overrides, parse_duration};
use crate::event::RetryPolicy;

#[derive(Debug, clap::Args)]
pub struct QueueOptions {
    /// The database; made if it is not there [default: evq.db]
    #[arg(long, value_name = "PATH")]
    db: Option<PathBuf>,

    /// Attempts at the same time, of each handler [default: one a core]
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
    /// What was typed, or else what a file says.
    pub fn db_over(&self, written: Option<PathBuf>) -> PathBuf {
        self.db.clone().or(written).unwrap_or_else(|| "evq.db".into())
    }

    /// As [`QueueOptions::db_over`], for each of so many handlers.
    pub fn workers_over(
        &self,
        written: Option<usize>,
        handlers: NonZeroUsize,
    ) -> Result<NonZeroUsize, ConfigError> {
        config::workers_each(self.workers.or(written), handlers)
    }

    /// What was typed for the one handler; beside a file each handler has it for itself.
    pub fn policy_beside(&self, is_file: bool) -> Result<RetryPolicy, Failure> {
        if is_file && (self.max_attempts.is_some() || self.retry_delay.is_some()) {
            let cure = "write max-attempts and retry-delay beside each handler in the file";
            return Err(Failure::usage(format!(
                "--max-attempts and --retry-delay are for one handler; {cure}"
            )));
        }
        Ok(self.policy()?)
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
