//! The command line: one file a command. The only room that prints.

mod allocator_choice;
mod backup;
mod bench;
mod build;
mod check;
mod completions;
mod dead;
mod diff;
mod event_options;
mod exchange_text;
mod failure;
mod feed_progress;
mod grant_options;
mod handler_options;
mod interrupts;
mod invoke;
mod loaded;
mod new;
mod output;
mod queue_options;
mod remote;
mod replay;
mod replay_progress;
mod report;
mod results;
mod run;
mod send;
mod serve;
mod show;
mod stats;
mod verify;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

pub use failure::Failure;

const EXAMPLE: &str = "\
From nothing to results:
  wasm-evq new shout && cd shout
  wasm-evq build
  wasm-evq invoke shout.wasm event.json
  wasm-evq run shout.wasm events.ndjson
  wasm-evq results

Exit codes: 0 all well, 1 some event ended dead or was rejected, 2 usage, configuration or a bad
module, 3 storage.";

/// A durable event queue that runs each event in a fresh Wasm instance.
///
/// Events go into a queue on disk, each is run by a handler you need not trust, and the result is
/// recorded once. An event may be run again after a crash; its outcome is recorded once.
#[derive(Debug, Parser)]
#[command(name = "wasm-evq", version, after_help = EXAMPLE, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a handler from a template, in Rust or another language.
    New(new::NewArgs),
    /// Compile a handler crate to a module.
    Build(build::BuildArgs),
    /// Check that a module is a handler, and show its limits.
    Check(check::CheckArgs),
    /// Run a handler on one event; nothing is stored.
    Invoke(invoke::InvokeArgs),
    /// Take events in, run each in a fresh instance, store the results.
    Run(run::RunArgs),
    /// Take events over HTTP, run each in a fresh instance, serve the results.
    Serve(serve::ServeArgs),
    /// Send events to a server.
    Send(send::SendArgs),
    /// Run one recorded attempt again, to see why it ended as it did.
    Replay(replay::ReplayArgs),
    /// List results.
    Results(results::ResultsArgs),
    /// Show one event and all its attempts.
    Show(show::ShowArgs),
    /// Count what is in a database.
    Stats(stats::StatsArgs),
    /// List, retry or drop events that ended dead.
    Dead(dead::DeadArgs),
    /// Copy a database, also while a server works on it.
    Backup(backup::BackupArgs),
    /// Run recorded attempts again and compare: were the results the handlers' alone?
    Verify(verify::VerifyArgs),
    /// Run another module over the stored events: what would it have done?
    Diff(diff::DiffArgs),
    /// Measure handler and disk: what is reached of what they could do.
    Bench(bench::BenchArgs),
    /// Print a completion script for a shell.
    Completions(completions::CompletionsArgs),
}

/// Reads what was typed. Help and the version are printed here, and the process ends with them.
///
/// # Errors
/// What cannot be understood, as one line.
pub fn parse() -> Result<Cli, Failure> {
    Cli::try_parse().map_err(|error| {
        if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            error.exit();
        }
        let text = error.to_string();
        let said =
            text.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
        let words: Vec<&str> = said.flat_map(str::split_whitespace).collect();
        Failure::usage(format!("{} (see --help)", words.join(" ").trim_start_matches("error: ")))
    })
}

/// Does what was typed.
///
/// # Errors
/// What went wrong, for one line on stderr, with the exit code it means.
pub fn execute(cli: &Cli) -> Result<ExitCode, Failure> {
    match &cli.command {
        Command::New(args) => Ok(new::run(args).map(|()| ExitCode::SUCCESS)?),
        Command::Build(args) => Ok(build::run(args).map(|()| ExitCode::SUCCESS)?),
        Command::Check(args) => check::run(args),
        Command::Invoke(args) => invoke::run(args),
        Command::Run(args) => run::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Send(args) => send::run(args),
        Command::Replay(args) => replay::run(args),
        Command::Results(args) => results::run(args),
        Command::Show(args) => show::run(args),
        Command::Stats(args) => stats::run(args),
        Command::Dead(args) => dead::run(args),
        Command::Backup(args) => Ok(backup::run(args).map(|()| ExitCode::SUCCESS)?),
        Command::Verify(args) => verify::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Completions(args) => completions::run(args),
    }
}
