//! How much a server keeps of what is over.

use crate::config::{ConfigError, Retention, parse_size_bytes};

#[derive(Debug, clap::Args)]
pub struct RetentionOptions {
    /// Days for which what is over is kept; what waits or is dead is kept anyway [default: 30]
    #[arg(long, value_name = "N")]
    keep_days: Option<u32>,

    /// Events kept, beyond which the oldest that are over go [default: 10000000]
    #[arg(long, value_name = "N")]
    keep_events: Option<u64>,

    /// Size of the database beyond which the oldest events that are over go [default: 10GiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size_bytes)]
    keep_size: Option<u64>,

    /// Keep everything
    #[arg(long, conflicts_with_all = ["keep_days", "keep_events", "keep_size"])]
    keep_all: bool,
}

impl RetentionOptions {
    pub fn resolve(&self) -> Result<Retention, ConfigError> {
        match self.keep_all {
            true => Ok(Retention::default()),
            false => Retention::SERVED.with(self.keep_days, self.keep_events, self.keep_size),
        }
    }
}
