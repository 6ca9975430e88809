//! What was sent, in one line or in one JSON object.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;

use crate::cli::{Failure, output};
use crate::observe::Tally;

/// The names and their meaning are a contract with scripts.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// Lines read that were not blank.
    read: u64,
    accepted: u64,
    duplicates: u64,
    rejected: u64,
    elapsed_ms: u64,
}

impl Summary {
    pub fn of(tally: &Tally, elapsed: Duration) -> Self {
        Summary {
            read: tally.read.get(),
            accepted: tally.enqueued.get(),
            duplicates: tally.duplicates.get(),
            rejected: tally.rejected.get(),
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }

    pub fn print(&self, json: bool, quiet: bool) -> Result<(), Failure> {
        if json {
            let mut out = output::stdout();
            output::finish(output::json_line(&mut out, self).and_then(|()| out.flush()))?;
        } else if !quiet {
            let Summary { read, accepted, duplicates, rejected, elapsed_ms } = self;
            let seconds = *elapsed_ms as f64 / 1000.0;
            eprintln!(
                "{read} read: {accepted} accepted, {duplicates} duplicates, {rejected} rejected in {seconds:.2} s"
            );
        }
        Ok(())
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::from(self.rejected > 0))
    }
}
