//! From what was typed to what it means: all checks, no work.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::BenchArgs;
use super::part::{Part, Parts};
use super::rival::WasmtimeServe;
use crate::cli::Failure;
use crate::config::{self, Overrides};
use crate::event::RetryPolicy;
use crate::limits::Limits;
use crate::source::Input;

/// An event more would not change a figure, and its text would not fit in memory.
const EVENTS_MAX: usize = 100_000_000;

pub struct Plan {
    pub handler: Option<PathBuf>,
    pub events_file: Option<Input>,
    pub events: usize,
    pub rounds: usize,
    pub parts: Parts,
    pub dir: PathBuf,
    pub plot: Option<PathBuf>,
    pub wasmtime_serve: Option<WasmtimeServe>,
    pub workers: NonZeroUsize,
    pub limits: Limits,
    /// A failure ends its event at once: what is measured is handling, not waiting for a retry.
    pub policy: RetryPolicy,
}

impl Plan {
    pub fn of(args: &BenchArgs) -> Result<Self, Failure> {
        let events_file = args.events_file.clone().map(Input::File);
        events_file.iter().try_for_each(Input::check)?;
        if args.events.get() > EVENTS_MAX {
            return Err(Failure::usage(format!("--events is {}; it must be 1 to {EVENTS_MAX}", args.events)));
        }
        if !args.dir.is_dir() {
            return Err(Failure::usage(format!("--dir {} is no folder", args.dir.display())));
        }
        if args.only.contains(&Part::Rivals) && args.wasmtime_serve.is_none() {
            return Err(Failure::usage("--only rivals needs one: --wasmtime-serve COMPONENT"));
        }
        let overrides = Overrides { attempts_max: Some(1), ..Overrides::default() };
        Ok(Plan {
            handler: args.handler.clone(),
            events_file,
            events: args.events.get(),
            rounds: args.rounds.get(),
            parts: Parts::of(&args.only, args.full),
            dir: args.dir.clone(),
            plot: args.plot.clone(),
            wasmtime_serve: args.wasmtime_serve.as_deref().map(WasmtimeServe::find).transpose()?,
            workers: config::workers(None)?,
            limits: overrides.limits()?,
            policy: overrides.policy()?,
        })
    }
}
