//! `--print`: each result as a line of JSON on stdout, once it is recorded.

use std::io::Write;

use serde::Serialize;

use crate::cli::output::{JsonOutput, stored};
use crate::event::{Attributes, Settlement, attributes_of};
use crate::queue::Announcer;
use crate::store::Settled;

/// The same names as the columns of `results`.
#[derive(Serialize)]
struct Line<'a> {
    event_id: &'a str,
    source: &'a str,
    r#type: &'a str,
    handler: &'a str,
    status: &'a str,
    #[serde(flatten)]
    output: JsonOutput,
    error: Option<String>,
    attempts: u32,
    fuel: u64,
    peak_memory_bytes: u64,
    duration_us: u64,
    finished_at: String,
}

/// Prints results. A reader that went away ends the printing, not the run.
pub fn announcer(handler: &str) -> Announcer {
    let handler = handler.to_owned();
    let mut is_open = true;
    Announcer {
        describe: Box::new(move |settled, event| describe(settled, event, &handler)),
        tell: Box::new(move |lines| is_open = is_open && print(lines).is_ok()),
    }
}

fn print(lines: &[String]) -> std::io::Result<()> {
    let mut out = crate::cli::output::stdout();
    lines.iter().try_for_each(|line| out.write_all(line.as_bytes()))?;
    out.flush()
}

/// The line for an attempt that settled its event; nothing for one that is retried.
fn describe(settled: &Settled, event: &str, handler: &str) -> Option<String> {
    let status = match settled.settlement {
        Settlement::Done => "ok",
        Settlement::Dead => "dead",
        Settlement::RetryAt(_) => return None,
    };
    let Attributes { source, id, type_ } = attributes_of(event);
    let (verdict, figures) = (&settled.report.verdict, &settled.report.figures);
    let line = Line {
        event_id: &id,
        source: &source,
        r#type: &type_,
        handler,
        status,
        output: JsonOutput::of(&stored(verdict)).ok()?,
        error: (status == "dead").then(|| verdict.reason()),
        attempts: settled.lease.attempt,
        fuel: figures.fuel,
        peak_memory_bytes: figures.peak_memory_bytes,
        duration_us: figures.duration_us,
        finished_at: settled.finished_at.to_string(),
    };
    serde_json::to_string(&line).ok().map(|line| line + "\n")
}
