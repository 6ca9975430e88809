//! What a command with a handler has: which one, and its limits. Or which file names several of them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Failure;
use super::grant_options::GrantOptions;
use crate::config::{
    self, EvqFile, HandlerSettings, Overrides, ServeSettings, parse_duration, parse_size_bytes,
};
use crate::event::RetryPolicy;
use crate::sandbox::{Allocation, Allocator, Handler, Sandbox, SandboxConfig};

#[derive(Debug, clap::Args)]
pub struct HandlerOptions {
    /// The handler: a .wasm file (of `wasm-evq build`, a WASI command or a component), or .wat text
    #[arg(value_name = "HANDLER")]
    handler: PathBuf,

    #[command(flatten)]
    typed: TypedOptions,
}

/// One handler that is typed, or all that stand in a file.
#[derive(Debug, clap::Args)]
pub struct HandlersOptions {
    /// The handler: a .wasm file (of `wasm-evq build`, a WASI command or a component), or .wat text
    #[arg(value_name = "HANDLER", required_unless_present = "config")]
    handler: Option<PathBuf>,

    /// A file with several handlers, each with its filters and limits: docs/config.md
    #[arg(long, value_name = "EVQ.TOML")]
    #[arg(conflicts_with_all = ["handler", "name", "timeout", "compile_timeout", "max_memory", "fuel", "max_event",
        "env", "secret_env", "secret_file", "http", "http_private"])]
    config: Option<PathBuf>,

    #[command(flatten)]
    typed: TypedOptions,
}

/// As [`HandlersOptions`], for a command that takes events as well: where a file names the handlers, what
/// stands first is events.
#[derive(Debug, clap::Args)]
pub struct HandlersBeforeEvents {
    /// The handler: a .wasm file (of `wasm-evq build`, a WASI command or a component), or .wat text. Not with
    /// --config
    #[arg(value_name = "HANDLER", required_unless_present = "config")]
    first: Option<PathBuf>,

    /// A file with several handlers, each with its filters and limits: docs/config.md
    #[arg(long, value_name = "EVQ.TOML")]
    #[arg(conflicts_with_all = ["name", "timeout", "compile_timeout", "max_memory", "fuel", "max_event",
        "env", "secret_env", "secret_file", "http", "http_private"])]
    config: Option<PathBuf>,

    #[command(flatten)]
    typed: TypedOptions,
}

#[derive(Debug, clap::Args)]
struct TypedOptions {
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

    #[command(flatten)]
    grants: GrantOptions,
}

impl HandlerOptions {
    pub fn overrides(&self) -> Overrides {
        self.typed.overrides()
    }

    /// Starts a sandbox for `slots` attempts at a time and loads the handler into it.
    pub fn load(&self, slots: usize) -> Result<(Sandbox, Handler), Failure> {
        load(&self.typed.settings(&self.handler, RetryPolicy::default())?, slots)
    }
}

impl HandlersOptions {
    /// The handlers, and the server's settings where a file has them. `policy` is what was typed for the
    /// one handler.
    pub fn settings(&self, policy: RetryPolicy) -> Result<(Vec<HandlerSettings>, ServeSettings), Failure> {
        self.typed.settings_of_all(self.config.as_deref(), self.handler.as_deref(), policy)
    }

    pub fn is_file(&self) -> bool {
        self.config.is_some()
    }
}

impl HandlersBeforeEvents {
    /// As [`HandlersOptions::settings`].
    pub fn settings(&self, policy: RetryPolicy) -> Result<(Vec<HandlerSettings>, ServeSettings), Failure> {
        self.typed.settings_of_all(self.config.as_deref(), self.first.as_deref(), policy)
    }

    pub fn is_file(&self) -> bool {
        self.config.is_some()
    }

    /// What stands where the handler would.
    pub fn first_events(&self) -> Option<&PathBuf> {
        self.first.as_ref().filter(|_| self.is_file())
    }
}

impl TypedOptions {
    fn overrides(&self) -> Overrides {
        Overrides {
            timeout: self.timeout,
            compile_timeout: self.compile_timeout,
            memory_bytes_max: self.max_memory,
            fuel_max: self.fuel,
            event_bytes_max: self.max_event,
            ..Overrides::default()
        }
    }

    fn settings_of_all(
        &self,
        config: Option<&Path>,
        handler: Option<&Path>,
        policy: RetryPolicy,
    ) -> Result<(Vec<HandlerSettings>, ServeSettings), Failure> {
        match (config, handler) {
            (Some(path), _) => {
                let EvqFile { serve, handlers } = EvqFile::read(path)?;
                Ok((handlers, serve))
            }
            (None, Some(handler)) => Ok((vec![self.settings(handler, policy)?], ServeSettings::default())),
            (None, None) => Err(Failure::usage("no handler is given; name a module, or a file by --config")),
        }
    }

    fn settings(&self, module: &Path, policy: RetryPolicy) -> Result<HandlerSettings, Failure> {
        Ok(HandlerSettings {
            name: match &self.name {
                Some(name) => name.clone(),
                None => file_stem(module)?,
            },
            module: module.to_owned(),
            filter: None,
            limits: self.overrides().limits()?,
            grants: self.grants.grants()?,
            compile_time_max: self.overrides().compile_time_max()?,
            policy,
        })
    }
}

/// Starts a sandbox for `slots` attempts at a time and loads a handler into it; warns where every attempt
/// will be slow.
pub fn load(settings: &HandlerSettings, slots: usize) -> Result<(Sandbox, Handler), Failure> {
    let (sandbox, handler) = load_silently(settings, slots)?;
    if let Allocator::OnDemand { because } = sandbox.allocator() {
        eprintln!(
            "wasm-evq: warning: memory cannot stay resident here, so every attempt is slower: {because}"
        );
    }
    Ok((sandbox, handler))
}

pub fn load_silently(settings: &HandlerSettings, slots: usize) -> Result<(Sandbox, Handler), Failure> {
    let sandbox = Sandbox::new(&SandboxConfig {
        limits: settings.limits,
        slots: u32::try_from(slots).unwrap_or(u32::MAX),
        compile_time_max: settings.compile_time_max,
        cache_dir: config::module_cache_dir(),
        allocation: Allocation::Resident,
    })?;
    let handler = sandbox.load(&settings.name, &settings.module)?;
    Ok((sandbox, handler.granted(settings.grants.clone())))
}

fn file_stem(path: &Path) -> Result<String, Failure> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    stem.ok_or_else(|| Failure::usage(format!("{} names no file; give a handler module", path.display())))
}
