//! The options that every command with a handler has: which one, and its limits.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Failure;
use crate::config::{self, Overrides, parse_duration, parse_size_bytes};
use crate::sandbox::{Allocation, Allocator, Handler, Sandbox, SandboxConfig};

#[derive(Debug, clap::Args)]
pub struct HandlerOptions {
    /// The handler: a module made by `wasm-evq build`, or .wat text
    #[arg(value_name = "HANDLER")]
    handler: PathBuf,

    /// What the handler is called in the database [default: the file's name]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Wall-clock time of one attempt [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    timeout: Option<Duration>,

    /// Time to compile the handler [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    compile_timeout: Option<Duration>,

    /// Linear memory of one attempt [default: 64MiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size_bytes)]
    max_memory: Option<u64>,

    /// Fuel of one attempt, about one unit an instruction and one a byte of the module's data [default: 1000000000]
    #[arg(long, value_name = "UNITS")]
    fuel: Option<u64>,

    /// Size of one event [default: 1MiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size_bytes)]
    max_event: Option<u64>,
}

impl HandlerOptions {
    pub fn overrides(&self) -> Overrides {
        Overrides {
            timeout: self.timeout,
            compile_timeout: self.compile_timeout,
            memory_bytes_max: self.max_memory,
            fuel_max: self.fuel,
            event_bytes_max: self.max_event,
            ..Overrides::default()
        }
    }

    /// Starts a sandbox for `slots` attempts at a time and loads the handler into it.
    pub fn load(&self, slots: usize) -> Result<(Sandbox, Handler), Failure> {
        let sandbox = Sandbox::new(&SandboxConfig {
            limits: self.overrides().limits()?,
            slots: u32::try_from(slots).unwrap_or(u32::MAX),
            compile_time_max: self.overrides().compile_time_max()?,
            cache_dir: config::module_cache_dir(),
            allocation: Allocation::Resident,
        })?;
        if let Allocator::OnDemand { because } = sandbox.allocator() {
            eprintln!(
                "wasm-evq: warning: memory cannot stay resident here, so every attempt is slower: {because}"
            );
        }
        let handler = sandbox.load(&self.name()?, &self.handler)?;
        Ok((sandbox, handler))
    }

    fn name(&self) -> Result<String, Failure> {
        match &self.name {
            Some(name) => Ok(name.clone()),
            None => file_stem(&self.handler),
        }
    }
}

fn file_stem(path: &Path) -> Result<String, Failure> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    stem.ok_or_else(|| Failure::usage(format!("{} names no file; give a handler module", path.display())))
}
