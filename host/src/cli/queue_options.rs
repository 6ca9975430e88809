//! The options that every command with a queue has: where it lies, how wide it runs, when it gives up.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

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
    pub fn db(&self) -> PathBuf {
        self.db_over(None)
    }

    /// What was typed, or else what a file says.
    pub fn db_over(&self, written: Option<PathBuf>) -> PathBuf {
        self.db.clone().or(written).unwrap_or_else(|| "evq.db".into())
    }

    pub fn workers(&self) -> Result<NonZeroUsize, ConfigError> {
        config::workers(self.workers)
    }

    /// As [`QueueOptions::db_over`], for each of so many handlers.
    pub fn workers_over(
        &self,
        written: Option<usize>,
        handlers: NonZeroUsize,
    ) -> Result<NonZeroUsize, ConfigError> {
        config::workers_each(self.workers.or(written), handlers)
    }

    /// Whether something is typed that each handler of a file has for itself.
    pub fn has_policy(&self) -> bool {
        self.max_attempts.is_some() || self.retry_delay.is_some()
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
