//! `wasm-evq replay`: one recorded attempt again, for debugging. Changes nothing.

mod find;
mod json;
mod text;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{Failure, output};
use crate::config;
use crate::event::Verdict;
use crate::replay::{Module, Replayed, replay};
use crate::store::sqlite::SqliteReader;

/// Run one recorded attempt again, to see why it ended as it did.
///
/// The handler gets the very inputs of the recorded attempt, but for secrets, which are not recorded, and runs
/// under its limits. All that comes out is shown, beside what was recorded. The database is only read, also while a run owns it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  wasm-evq replay 9f2c1e
  wasm-evq replay 17 --source /shop --attempt 2 --json
  wasm-evq replay 17 --coredump 17.core && wasmgdb shout.wasm 17.core

For files and lines in the backtrace, try a debug build of the same handler:
  wasm-evq build shout --debug -o debug.wasm
  wasm-evq replay 17 --handler-file debug.wasm

A release build has them too, when built with CARGO_PROFILE_RELEASE_DEBUG=line-tables-only.

Exits 0 when all that compares is as recorded, 1 when something differs.")]
pub struct ReplayArgs {
    /// The event's id
    #[arg(value_name = "EVENT")]
    event: String,

    /// The event's source, where several have one with this id
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,

    /// The handler, where several had the event
    #[arg(long, value_name = "NAME")]
    handler: Option<String>,

    /// Which attempt [default: the last recorded one]
    #[arg(long, value_name = "N")]
    attempt: Option<u32>,

    /// Run this module instead of the recorded one: a debug build, say
    #[arg(long, value_name = "FILE")]
    handler_file: Option<PathBuf>,

    /// Where the guest does not return, write a core dump of its instance: WebAssembly's own format
    #[arg(long, value_name = "FILE")]
    coredump: Option<PathBuf>,

    /// The database
    #[arg(long, value_name = "PATH", default_value = "evq.db")]
    db: PathBuf,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Where the core dump went, if one was asked for.
enum Dumped<'a> {
    NotAsked,
    /// There was nothing to dump.
    Returned,
    Written {
        file: &'a Path,
        bytes: u64,
    },
}

pub fn run(args: &ReplayArgs) -> Result<ExitCode, Failure> {
    let reader = SqliteReader::open(&args.db)?;
    let event = find::event(args, &reader)?;
    let attempt = find::attempt(args, &reader, &event)?;
    let module = args.handler_file.clone().map_or(Module::Recorded, Module::File);
    let replayed = replay(&reader, &event, attempt, &module, config::module_cache_dir())?;
    let dumped = dump(args, &replayed)?;
    let mut out = output::stdout();
    let printed = match args.json {
        true => json::print(&mut out, &event, attempt, &replayed, &dumped),
        false => text::print(&mut out, &event, attempt, &replayed, &dumped),
    };
    output::finish(printed.and_then(|()| out.flush()))?;
    Ok(match &replayed.compared {
        Ok(differences) if !differences.is_empty() => ExitCode::from(1),
        _ => ExitCode::SUCCESS,
    })
}

fn dump<'a>(args: &'a ReplayArgs, replayed: &Replayed) -> Result<Dumped<'a>, Failure> {
    let Some(file) = &args.coredump else { return Ok(Dumped::NotAsked) };
    let Some(core_dump) = &replayed.core_dump else { return Ok(Dumped::Returned) };
    fs::write(file, core_dump)
        .map_err(|e| Failure::work(format!("cannot write the core dump to {}: {e}", file.display())))?;
    Ok(Dumped::Written { file, bytes: core_dump.len() as u64 })
}

/// Why there is no core dump.
fn nothing_to_dump(verdict: &Verdict) -> String {
    format!("none: the verdict is {}, and only an attempt whose guest was stopped leaves one", verdict.code())
}
