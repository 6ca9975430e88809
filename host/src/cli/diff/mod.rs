//! `wasm-evq diff`: what would another module have done?

mod json;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use super::replay_progress::ReplayProgress;
use super::{Failure, output};
use crate::config::{self, Overrides, parse_duration, parse_size_bytes};
use crate::grants::RecordedGrants;
use crate::limits::Limits;
use crate::replay::{Candidate, DiffConfig, DiffTold, Ground, Which, diff};
use crate::sandbox::Allocation;
use crate::store::Inspect;
use crate::store::sqlite::SqliteReader;

const EXAMPLE: &str = "\
Examples:
  wasm-evq diff target/orders.wasm
  wasm-evq diff new.wasm --handler orders --all --json

Runs the new module over settled events of the handler, each with the limits and granted values
that were recorded with it, and changes nothing. The recorded side is the attempt that settled the event.

With --json each event that differs is one line with \"kind\":\"change\", and the last line is the report.

Exit codes, as of diff(1): 0 no event differs (equal, or dead for the same reason), 1 some event differs,
2 usage or a module that is no handler, 3 storage.";

/// Events that are run when nothing else is said.
const SAMPLE: u64 = 1000;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct DiffArgs {
    /// The new module
    #[arg(value_name = "NEW")]
    new: PathBuf,

    /// The handler whose place it would take [default: the file's name, or the only handler there is]
    #[arg(long, value_name = "NAME")]
    handler: Option<String>,

    /// Every settled event
    #[arg(long, conflicts_with = "sample")]
    all: bool,

    /// So many settled events, chosen by the seed [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    sample: Option<u64>,

    /// The database
    #[arg(long, value_name = "PATH", default_value = "evq.db")]
    db: PathBuf,

    /// Attempts at the same time [default: one a core]
    #[arg(long, value_name = "N")]
    workers: Option<usize>,

    /// What decides the sample; it is printed [default: another each time]
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,

    /// Wall-clock time of one attempt [default: as recorded]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    timeout: Option<Duration>,

    /// Linear memory of one attempt [default: as recorded]
    #[arg(long, value_name = "SIZE", value_parser = parse_size_bytes)]
    max_memory: Option<u64>,

    /// Fuel of one attempt [default: as recorded]
    #[arg(long, value_name = "UNITS")]
    fuel: Option<u64>,

    /// Events that are shown field by field; all are counted
    #[arg(long, value_name = "N", default_value_t = 5, conflicts_with = "json")]
    show: u64,

    /// Print JSON: a line for each event that differs, all of them, and the report as the last
    #[arg(long)]
    json: bool,
}

/// What the report is about.
pub struct Subject {
    pub handler: String,
    pub seed: u64,
    pub is_sample: bool,
}

pub fn run(args: &DiffArgs) -> Result<ExitCode, Failure> {
    let reader = SqliteReader::open(&args.db)?;
    let handler = handler(args, &reader)?;
    let seed = args.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let subject = Subject { handler: handler.clone(), seed, is_sample: !args.all };
    let config = config(args, handler, seed)?;
    let mut progress = ReplayProgress::start();
    let mut out = output::stdout();
    let (mut printed, mut shown) = (Ok(()), 0);
    let comparison = diff(&reader, config, &mut |told| match told {
        DiffTold::Progress { done, of } => progress.set(done, of),
        DiffTold::Change(change) if printed.is_ok() => {
            shown += 1;
            printed = match args.json {
                true => json::change(&mut out, &change),
                false if shown <= args.show => progress.aside(|| text::change(&mut out, &change)),
                false => Ok(()),
            };
        }
        DiffTold::Change(_) => {}
    });
    progress.finish();
    let comparison = comparison?;
    let reported = printed.and_then(|()| match args.json {
        true => json::report(&mut out, &comparison, &subject),
        false => text::report(&mut out, &comparison, &subject),
    });
    output::finish(reported)?;
    Ok(ExitCode::from(u8::from(comparison.has_differences())))
}

fn config(args: &DiffArgs, handler: String, seed: u64) -> Result<DiffConfig, Failure> {
    let workers = config::workers(args.workers)?;
    let overrides = Overrides {
        timeout: args.timeout,
        memory_bytes_max: args.max_memory,
        fuel_max: args.fuel,
        ..Overrides::default()
    };
    let ground = Ground {
        allocation: Allocation::Resident,
        slots: u32::try_from(workers.get()).unwrap_or(u32::MAX),
        cache_dir: config::module_cache_dir(),
    };
    // What was typed is looked at before any work: the limits, and whether the module is a handler.
    let mut candidate = Candidate::new(args.new.clone(), handler, overrides, ground);
    candidate.under(Limits::default(), &RecordedGrants::default())?;
    let which = if args.all { Which::All } else { Which::Sample(args.sample.unwrap_or(SAMPLE)) };
    Ok(DiffConfig { which, seed, workers, candidate })
}

/// The handler whose events are run: the one that was named, by option or by the file, or the only one.
fn handler(args: &DiffArgs, reader: &SqliteReader) -> Result<String, Failure> {
    let mut known: Vec<String> = reader.modules()?.into_iter().map(|module| module.handler).collect();
    known.sort_unstable();
    known.dedup();
    let stem = args.new.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let named = args.handler.clone().or(stem).unwrap_or_default();
    match &known[..] {
        _ if known.contains(&named) => Ok(named),
        [only] if args.handler.is_none() => Ok(only.clone()),
        [] => Err(Failure::usage(format!("no handler has run in {}", args.db.display()))),
        _ => {
            let (db, known) = (args.db.display(), known.join(", "));
            Err(Failure::usage(format!("no handler {named:?} in {db}; --handler names one of: {known}")))
        }
    }
}
