//! How much a server keeps of what is over.

use crate::config::{ConfigError, Retention, WrittenRetention, parse_size_bytes};

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
    /// What was typed, before what the configuration file says.
    pub fn resolve(&self, written: WrittenRetention) -> Result<Retention, ConfigError> {
        let bounds_are_typed =
            self.keep_days.is_some() || self.keep_events.is_some() || self.keep_size.is_some();
        if self.keep_all || (written.all && !bounds_are_typed) {
            return Ok(Retention::default());
        }
        Retention::SERVED.with(
            self.keep_days.or(written.days),
            self.keep_events.or(written.events),
            self.keep_size.or(written.bytes),
        )
    }
}
