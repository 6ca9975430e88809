//! The end of a run in one line, or in one JSON object.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;

use crate::cli::{Failure, output};
use crate::observe::Tally;

/// What a run did. The names and their meaning are a contract with scripts.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// Lines read that were not blank.
    read: u64,
    enqueued: u64,
    duplicates: u64,
    rejected: u64,
    ok: u64,
    dead: u64,
    attempts: u64,
    elapsed_ms: u64,
    /// Settled events over the whole time, start-up included.
    events_per_s: u64,
}

impl Summary {
    pub fn of(tally: &Tally, elapsed: Duration) -> Self {
        let settled = tally.ok.get() + tally.dead.get();
        Summary {
            read: tally.read.get(),
            enqueued: tally.enqueued.get(),
            duplicates: tally.duplicates.get(),
            rejected: tally.rejected.get(),
            ok: tally.ok.get(),
            dead: tally.dead.get(),
            attempts: tally.attempts.get(),
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            events_per_s: (settled as f64 / elapsed.as_secs_f64().max(0.001)) as u64,
        }
    }

    pub fn print(&self, json: bool, quiet: bool) -> Result<(), Failure> {
        if json {
            let mut out = output::stdout();
            output::finish(output::json_line(&mut out, self).and_then(|()| out.flush()))?;
        } else if !quiet {
            eprintln!("{}", self.as_line());
        }
        Ok(())
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::from(self.dead > 0 || self.rejected > 0))
    }

    fn as_line(&self) -> String {
        let Summary { read, enqueued, duplicates, rejected, ok, dead, attempts, elapsed_ms, events_per_s } =
            self;
        let seconds = *elapsed_ms as f64 / 1000.0;
        format!(
            "{read} read: {enqueued} enqueued, {duplicates} duplicates, {rejected} rejected; \
             {ok} ok, {dead} dead, {attempts} attempts in {seconds:.2} s ({events_per_s} events/s)"
        )
    }
}
