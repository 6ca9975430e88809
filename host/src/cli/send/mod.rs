//! `wasm-evq send`: events from files or a pipe to a server of ours, in batches.

mod batch;
mod deliver;
mod progress;
mod summary;

use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use self::batch::Batch;
use self::deliver::Delivery;
use self::summary::Summary;
use super::Failure;
use super::event_options::EventOptions;
use super::feed_progress::Progress;
use super::remote::RemoteOptions;
use crate::config::{parse_duration, parse_size_bytes};
use crate::limits::Limits;
use crate::observe::Tally;
use crate::source::{Input, ReadLine};

const EXAMPLE: &str = "\
Examples:
  wasm-evq send events.ndjson                     # to the server that owns evq.db
  tail -f orders.log | wasm-evq send - --raw com.example.order --id-pointer /order_id
  wasm-evq send events.ndjson --to https://evq.example --token-file sender.token

An event counts as accepted once the server has it on its disk. A busy server is waited for, and a batch
whose answer was lost is sent again: what was accepted before is a duplicate and does not run again.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct SendArgs {
    #[command(flatten)]
    events: EventOptions,

    #[command(flatten)]
    remote: RemoteOptions,

    /// The largest event that the server takes [default: 1MiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size_bytes)]
    max_event: Option<u64>,

    /// Give up when the server has accepted nothing for so long
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "1m")]
    patience: std::time::Duration,

    /// Print the summary as one JSON object
    #[arg(long)]
    json: bool,

    /// No progress, no summary
    #[arg(long)]
    quiet: bool,
}

pub fn run(args: &SendArgs) -> Result<ExitCode, Failure> {
    let inputs = args.events.inputs()?;
    if inputs.is_empty() {
        return Err(Failure::usage("no events are given; name NDJSON files, or - for standard input"));
    }
    let size_bytes = inputs.iter().map(Input::size_bytes).sum();
    let tally = Arc::new(Tally::default());
    let delivery = Delivery::new(args.remote.remote()?, tally.clone(), args.patience);
    let started = Instant::now();
    let progress = Progress::start(tally.clone(), size_bytes, progress::message, !args.quiet && !args.json);
    let sent = send_all(args, &inputs, &delivery, &tally);
    progress.finish();
    let summary = Summary::of(&tally, started.elapsed());
    summary.print(args.json, args.quiet)?;
    sent?;
    Ok(summary.exit_code())
}

fn send_all(args: &SendArgs, inputs: &[Input], delivery: &Delivery, tally: &Tally) -> Result<(), Failure> {
    let format = args.events.format()?;
    let event_bytes_max = args.max_event.unwrap_or(Limits::default().event_bytes_max);
    let mut batch = Batch::default();
    let mut failure = None;
    for input in inputs {
        input.read(&format, event_bytes_max, &mut |line| {
            let ReadLine { number, outcome, taken_bytes, next } = line;
            tally.read.add(1);
            match outcome {
                Ok(event) => batch.push(&event, taken_bytes),
                Err(rejected) => {
                    tally.rejected.add(1);
                    tally.read_bytes.add(taken_bytes);
                    eprintln!("wasm-evq: {} line {number}: {}", input.name(), rejected.reason);
                }
            }
            // An event from a pipe is not kept waiting for its successor.
            if batch.is_due(next)
                && let Err(error) = delivery.send(batch.take())
            {
                failure = Some(error);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        if let Some(error) = failure {
            return Err(error);
        }
    }
    delivery.send(batch.take())
}
