//! `wasm-evq bench`: what this handler and this disk can do, and how much of it is reached.
//!
//! Every row is measured in every round, so that a noisy minute of the machine hits them all; a
//! ratio is taken between figures of the same round. The queue is never run with reused instances:
//! the floor has its own loop, here.

mod ceiling;
mod child;
mod claims;
mod figures;
mod folder;
mod generate;
mod host;
mod instances;
mod latency;
mod machine;
mod part;
mod plan;
mod plot;
mod process;
mod progress;
mod report;
mod rival;
mod road;
mod rounds;
mod rows;
mod subject;
mod text;
mod watchdog;
mod workload;

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use self::part::Part;
use self::plan::Plan;
use self::report::Report;
use super::{Failure, output};

const EXAMPLE: &str = "\
Examples:
  wasm-evq bench
  wasm-evq bench orders.wasm orders.ndjson --dir /var/lib/evq
  wasm-evq bench orders.wasm --only fresh,floor --rounds 5
  wasm-evq bench orders.wasm --json --plot bench.svg
  wasm-evq bench orders.wasm --wasmtime-serve orders-serve.wasm

Databases are made in a folder of their own below --dir, on the disk to be measured, and removed
afterwards. Events of your own are repeated under new ids until there are enough. docs/bench.md says
what each row means.";

/// Measure handler and disk: what is reached of what they could do
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct BenchArgs {
    /// The handler [default: one that gives each event back]
    #[arg(value_name = "HANDLER")]
    handler: Option<PathBuf>,

    /// An NDJSON file of events [default: made-up orders of 300 bytes]
    #[arg(value_name = "EVENTS")]
    events_file: Option<PathBuf>,

    /// Events of one end-to-end run
    #[arg(long, value_name = "N", default_value = "200000")]
    events: NonZeroUsize,

    /// Times that everything is measured; the medians are told
    #[arg(long, value_name = "N", default_value = "3")]
    rounds: NonZeroUsize,

    /// Measure only these parts
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,

    /// Measure also how fast a million pending events are claimed; takes long
    #[arg(long, conflicts_with = "only")]
    full: bool,

    /// The folder, and so the disk, to measure on [default: the current folder]
    #[arg(long, value_name = "PATH", default_value = ".", hide_default_value = true)]
    dir: PathBuf,

    /// Measure `wasmtime serve` beside it, with this component of the same handler
    #[arg(long, value_name = "COMPONENT")]
    wasmtime_serve: Option<PathBuf>,

    /// Draw a chart of what is reached into this SVG file
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Measures and tells.
///
/// # Errors
/// When the handler or the events are none, or the machine refuses what is to be measured.
pub fn run(args: &BenchArgs) -> Result<ExitCode, Failure> {
    let plan = Plan::of(args)?;
    let subject = subject::prepare(&plan)?;
    let measured = rounds::measure(&plan, &subject)?;
    let report = Report::of(&subject, &measured);
    if let Some(file) = &plan.plot {
        plot::draw(&report, file)?;
    }
    let mut out = output::stdout();
    let printed = match args.json {
        true => output::json_line(&mut out, &report.as_json()),
        false => text::print(&mut out, &report),
    };
    output::finish(printed.and_then(|()| out.flush()))
}
