//! The end of a run in a line, or in one JSON object.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;

use super::hands::Hands;
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
    /// Of a run of the handlers in a file.
    #[serde(flatten)]
    of_file: Option<OfFile>,
}

/// What there is to tell when there may be several handlers. An event counts above at each of its own.
#[derive(Debug, Serialize)]
struct OfFile {
    /// Events that no handler wants.
    unmatched: u64,
    handlers: Vec<OfHandler>,
}

#[derive(Debug, Serialize)]
struct OfHandler {
    handler: String,
    ok: u64,
    dead: u64,
    attempts: u64,
}

impl Summary {
    pub fn of(fed: &Tally, hands: &Hands, is_file: bool, elapsed: Duration) -> Self {
        let (ok, dead) = (hands.sum(|tally| &tally.ok), hands.sum(|tally| &tally.dead));
        Summary {
            read: fed.read.get(),
            enqueued: fed.enqueued.get(),
            duplicates: fed.duplicates.get(),
            rejected: fed.rejected.get(),
            ok,
            dead,
            attempts: hands.sum(|tally| &tally.attempts),
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            events_per_s: ((ok + dead) as f64 / elapsed.as_secs_f64().max(0.001)) as u64,
            of_file: is_file.then(|| OfFile::of(fed, hands)),
        }
    }

    pub fn print(&self, json: bool, quiet: bool) -> Result<(), Failure> {
        if json {
            let mut out = output::stdout();
            output::finish(output::json_line(&mut out, self).and_then(|()| out.flush()))?;
        } else if !quiet {
            eprintln!("{}", self.as_text());
        }
        Ok(())
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::from(self.dead > 0 || self.rejected > 0))
    }

    /// A line, and one for each handler of a file.
    fn as_text(&self) -> String {
        let Summary { read, enqueued, duplicates, rejected, ok, dead, attempts, .. } = self;
        let (seconds, events_per_s) = (self.elapsed_ms as f64 / 1000.0, self.events_per_s);
        let (unmatched, handlers) = self.of_file.as_ref().map_or_else(Default::default, OfFile::as_text);
        format!(
            "{read} read: {enqueued} enqueued, {duplicates} duplicates, {rejected} rejected{unmatched}; \
             {ok} ok, {dead} dead, {attempts} attempts in {seconds:.2} s ({events_per_s} events/s){handlers}"
        )
    }
}

impl OfFile {
    fn of(fed: &Tally, hands: &Hands) -> Self {
        let handlers = hands.each().map(|(name, tally)| OfHandler {
            handler: name.to_owned(),
            ok: tally.ok.get(),
            dead: tally.dead.get(),
            attempts: tally.attempts.get(),
        });
        OfFile { unmatched: fed.unmatched.get(), handlers: handlers.collect() }
    }

    fn as_text(&self) -> (String, String) {
        let handlers = self.handlers.iter().map(|OfHandler { handler, ok, dead, attempts }| {
            format!("\n  {handler}: {ok} ok, {dead} dead, {attempts} attempts")
        });
        (format!(", {} unmatched", self.unmatched), handlers.collect())
    }
}
