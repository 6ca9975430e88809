//! `wasm-evq verify`: were the recorded results the handlers' alone?

mod json;
mod text;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use super::allocator_choice::AllocatorChoice;
use super::replay_progress::ReplayProgress;
use super::{Failure, output};
use crate::config;
use crate::replay::{Findings, Ground, Told, VerifyConfig, Which, verify};
use crate::store::Inspect;
use crate::store::sqlite::SqliteReader;

const EXAMPLE: &str = "\
Examples:
  wasm-evq verify                            # a sample of 1,000 attempts
  wasm-evq verify --all --json
  wasm-evq verify --event 9f2c1e --allocator resident

Runs recorded attempts again, in another order, beside other attempts, on memory from elsewhere, and
compares verdict, output, emitted events, logs and fuel. Equal fuel means the same instructions. It may
run beside `wasm-evq run`, and changes nothing.

Not comparable are attempts whose end depends on the machine (lost, out of wall-clock time), and those
recorded on another engine or before limits and modules were kept; they are counted by reason.

With --json each difference is one line with \"kind\":\"difference\", and the last line is the report.

Exit codes: 0 no difference, 1 some difference, or no event has the id that --event gives.";

/// Attempts that are run again when nothing else is said.
const SAMPLE: u64 = 1000;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct VerifyArgs {
    /// Every recorded attempt
    #[arg(long, conflicts_with_all = ["sample", "event"])]
    all: bool,

    /// So many attempts, chosen by the seed [default: 1000]
    #[arg(long, value_name = "N", conflicts_with = "event", value_parser = clap::value_parser!(u64).range(1..))]
    sample: Option<u64>,

    /// Only the attempts of the event with this id, of every source
    #[arg(long, value_name = "ID")]
    event: Option<String>,

    /// The database
    #[arg(long, value_name = "PATH", default_value = "evq.db")]
    db: PathBuf,

    /// Attempts at the same time [default: one more than cores, which is not what `run` takes]
    #[arg(long, value_name = "N")]
    workers: Option<usize>,

    /// Where instances get their memory
    #[arg(long, value_enum, default_value_t)]
    allocator: AllocatorChoice,

    /// What decides the order and the sample; it is printed [default: another each time]
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,

    /// Differences that are shown; all are counted
    #[arg(long, value_name = "N", default_value_t = 10, conflicts_with = "json")]
    show: u64,

    /// Print JSON: a line for each difference, all of them, and the report as the last
    #[arg(long)]
    json: bool,
}

pub fn run(args: &VerifyArgs) -> Result<ExitCode, Failure> {
    let reader = SqliteReader::open(&args.db)?;
    let plan = plan(args, &reader)?;
    let mut progress = ReplayProgress::start();
    let mut out = output::stdout();
    let mut printed = Ok(());
    let mut shown = 0;
    let findings = verify(&reader, &plan, &mut |told| match told {
        Told::Progress { done, of } => progress.set(done, of),
        Told::Difference(difference) if printed.is_ok() => {
            shown += 1;
            printed = match args.json {
                true => json::difference(&mut out, &difference),
                false if shown <= args.show => progress.aside(|| text::difference(&mut out, &difference)),
                false => Ok(()),
            };
        }
        Told::Difference(_) => {}
    });
    progress.finish();
    let findings = findings?;
    let report = printed.and_then(|()| match args.json {
        true => json::report(&mut out, &findings, &plan),
        false => text::report(&mut out, &findings, &plan, args.show),
    });
    output::finish(report)?;
    Ok(exit_code(&findings))
}

fn exit_code(findings: &Findings) -> ExitCode {
    ExitCode::from(u8::from(findings.different > 0))
}

fn plan(args: &VerifyArgs, reader: &SqliteReader) -> Result<VerifyConfig, Failure> {
    let workers = match args.workers {
        Some(_) => config::workers(args.workers)?,
        None => config::workers(None)?.saturating_add(1),
    };
    Ok(VerifyConfig {
        which: which(args, reader)?,
        // As JSON, more than 53 bits are not safe with every reader.
        seed: args.seed.unwrap_or_else(|| u64::from(rand::random::<u32>())),
        workers,
        ground: ground(args.allocator, workers),
    })
}

fn ground(allocator: AllocatorChoice, workers: NonZeroUsize) -> Ground {
    Ground {
        allocation: allocator.allocation(),
        slots: u32::try_from(workers.get()).unwrap_or(u32::MAX),
        cache_dir: config::module_cache_dir(),
    }
}

fn which(args: &VerifyArgs, reader: &SqliteReader) -> Result<Which, Failure> {
    let Some(id) = &args.event else {
        return Ok(if args.all { Which::All } else { Which::Sample(args.sample.unwrap_or(SAMPLE)) });
    };
    let events = reader.events(id, None)?;
    if events.is_empty() {
        return Err(Failure::work(format!("no event with id {id:?} in {}", args.db.display())));
    }
    Ok(Which::Events(events.iter().map(|event| event.seq).collect()))
}
