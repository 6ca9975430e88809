//! `--print`: each result as a line of JSON on stdout, once it is recorded.

use std::io::Write;

use serde::Serialize;

use crate::api::shape::OutputJson;
use crate::event::{Attributes, Settlement, attributes_of};
use crate::queue::{Announcer, Finished};
use crate::store::{SettleFate, Settled, StoredOutput};

/// The same names as the columns of `results`.
#[derive(Serialize)]
struct Line<'a> {
    event_id: &'a str,
    source: &'a str,
    r#type: &'a str,
    handler: &'a str,
    status: &'a str,
    #[serde(flatten)]
    output: OutputJson,
    error: Option<String>,
    attempts: u32,
    fuel: u64,
    peak_memory_bytes: u64,
    duration_us: u64,
    finished_at: String,
}

/// Prints results. A reader that went away ends the printing, not the run.
pub struct Printer {
    handler: String,
    /// A line for each settlement of the commit to come, where there is something to tell.
    noted: Vec<Option<String>>,
    is_open: bool,
}

impl Printer {
    pub fn new(handler: &str) -> Self {
        Printer { handler: handler.to_owned(), noted: Vec::new(), is_open: true }
    }
}

impl Announcer for Printer {
    fn note(&mut self, finished: &Finished) {
        self.noted.push(describe(&finished.settled, &finished.event, &self.handler));
    }

    fn tell(&mut self, fates: &[SettleFate]) {
        let recorded = self.noted.drain(..).zip(fates).filter(|(_, fate)| **fate != SettleFate::LeaseLost);
        let lines: Vec<String> = recorded.filter_map(|(line, _)| line).collect();
        self.is_open = self.is_open && print(&lines).is_ok();
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
    let Attributes { source, id, type_, .. } = attributes_of(event);
    let (verdict, figures) = (&settled.report.verdict, &settled.report.figures);
    let line = Line {
        event_id: &id,
        source: &source,
        r#type: &type_,
        handler,
        status,
        output: OutputJson::of(&StoredOutput::of(verdict)).ok()?,
        error: (status == "dead").then(|| verdict.reason()),
        attempts: settled.lease.attempt,
        fuel: figures.fuel,
        peak_memory_bytes: figures.peak_memory_bytes,
        duration_us: figures.duration_us,
        finished_at: settled.finished_at.to_string(),
    };
    serde_json::to_string(&line).ok().map(|line| line + "\n")
}
