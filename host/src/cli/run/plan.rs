//! From what was typed to what it means: all checks, no work.

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::RunArgs;
use crate::cli::Failure;
use crate::event::{IdPointer, RawLines, RetryPolicy};
use crate::queue::WhenDrained;
use crate::source::{Format, Input};

pub struct Plan {
    pub inputs: Vec<Input>,
    pub format: Format,
    pub db: PathBuf,
    pub workers: NonZeroUsize,
    pub policy: RetryPolicy,
    pub when_drained: WhenDrained,
}

impl Plan {
    pub fn of(args: &RunArgs) -> Result<Self, Failure> {
        let inputs = inputs(&args.events);
        inputs.iter().try_for_each(Input::check)?;
        Ok(Plan {
            inputs,
            format: format(args)?,
            db: args.queue.db(),
            workers: args.queue.workers()?,
            policy: args.queue.policy()?,
            when_drained: match args.no_wait {
                true => WhenDrained::LeaveRetries,
                false => WhenDrained::AwaitRetries,
            },
        })
    }
}

fn inputs(events: &[PathBuf]) -> Vec<Input> {
    if events.is_empty() && !std::io::stdin().is_terminal() {
        return vec![Input::Stdin];
    }
    let input = |path: &PathBuf| match path.as_os_str() == "-" {
        true => Input::Stdin,
        false => Input::File(path.clone()),
    };
    events.iter().map(input).collect()
}

fn format(args: &RunArgs) -> Result<Format, Failure> {
    let Some(type_) = &args.raw else { return Ok(Format::Event) };
    let id = match &args.id_pointer {
        None => IdPointer::ContentHash,
        Some(pointer) if pointer.starts_with('/') => IdPointer::Pointer(pointer.as_str().into()),
        Some(pointer) => {
            let rule = "a JSON pointer begins with '/', as in /order/id";
            return Err(Failure::usage(format!("--id-pointer is {pointer:?}; {rule}")));
        }
    };
    let raw = RawLines::new(type_, id).map_err(|invalid| Failure::usage(format!("--raw: {invalid}")))?;
    Ok(Format::Raw(raw))
}
