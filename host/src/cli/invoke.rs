//! `wasm-evq invoke`: one event through a handler, nothing stored.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Failure;
use super::handler_options::HandlerOptions;
use super::{output, report};
use crate::clock::Clock;
use crate::event::{IdPointer, NewEvent, RawLines, Verdict, parse_event};
use crate::sandbox::{Answers, Invocation};
use crate::source::SourceError;

const EXAMPLE: &str = "\
Example:
  wasm-evq invoke shout.wasm event.json
  echo '{\"text\":\"hi\"}' | wasm-evq invoke shout.wasm - --raw com.example.text

Exits 0 when the verdict is ok, else 1.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct InvokeArgs {
    #[command(flatten)]
    handler: HandlerOptions,

    /// A file with one event as JSON, or - for standard input
    #[arg(value_name = "EVENT")]
    event: PathBuf,

    /// The file holds bare data; wrap it into an event of this type
    #[arg(long, value_name = "TYPE")]
    raw: Option<String>,

    /// The attempt number that the handler is told
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    attempt: u32,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: &InvokeArgs) -> Result<ExitCode, Failure> {
    let (_sandbox, handler) = args.handler.load(1)?;
    let event = read_event(args)?;
    let accepted_at = Clock::System.now();
    let invocation = Invocation {
        hops: event.hops(),
        event: event.into_json(),
        attempt: args.attempt,
        accepted_at,
        answers: Answers::Live,
    };
    let report = handler
        .invoke_alone(invocation)
        .map_err(|e| Failure::work(format!("no thread to run the handler on: {e}")))?;
    let mut out = output::stdout();
    let printed = match args.json {
        true => report::as_json(&report).and_then(|value| output::json_line(&mut out, &value)),
        false => out.write_all(report::as_text(&report).as_bytes()),
    };
    output::finish(printed.and_then(|()| out.flush()))?;
    Ok(match report.verdict {
        Verdict::Ok { .. } => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    })
}

fn read_event(args: &InvokeArgs) -> Result<NewEvent, Failure> {
    let bytes_max = args.handler.overrides().limits()?.event_bytes_max;
    let bytes = read_bounded(&args.event, bytes_max)
        .map_err(|e| SourceError { name: args.event.display().to_string(), reason: e.to_string() })?;
    Ok(match &args.raw {
        None => parse_event(&bytes, bytes_max)?,
        Some(type_) => RawLines::new(type_, IdPointer::ContentHash)?.wrap(&bytes, bytes_max)?,
    })
}

/// One byte more than allowed is enough to say that it is too much.
fn read_bounded(path: &Path, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    let stream: Box<dyn Read> = match path.as_os_str() == "-" {
        true => Box::new(std::io::stdin()),
        false => Box::new(std::fs::File::open(path)?),
    };
    let mut bytes = Vec::new();
    stream.take(bytes_max + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
