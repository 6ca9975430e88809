//! The engine: wasmtime's settings, each with its reason.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::{
    Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig,
    WasmBacktraceDetails,
};

use super::error::SandboxError;
use super::fingerprint::fingerprint;
use super::resident::{self, Extracted, ResidentMemories};
use super::ticker::Ticker;
use crate::limits::{Limits, MIB};

/// Tables a module may define. LLVM makes one, hand-written modules sometimes two.
const TABLES_PER_MODULE: u32 = 4;

/// Of which a component may be made. An interpreter with its libraries has some hundred instances, most of them
/// of a few functions that pass calls on, one to three memories and as many tables.
const CORE_INSTANCES_PER_COMPONENT: u32 = 256;
const MEMORIES_PER_COMPONENT: u32 = 4;
const TABLES_PER_COMPONENT: u32 = 16;

/// What wasmtime may take beside memories and tables for one of them.
const COMPONENT_BYTES_MAX: usize = 4 << 20;

/// Elements that a table of wasmtime's pool has room for.
const TABLE_ELEMENTS_MAX: usize = 1 << 20;

/// What the host chooses about its sandbox.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    pub limits: Limits,
    /// Attempts that may run at the same time.
    pub slots: u32,
    /// Time to compile a handler.
    pub compile_time_max: Duration,
    /// Where compiled modules are kept between runs; `None` compiles each time.
    pub cache_dir: Option<PathBuf>,
    pub allocation: Allocation,
}

/// How instances are to get their memory. Fresh in every case. With the first three an attempt has the same
/// verdict and fuel; the last two are there for `bench` to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// From slots whose pages are opened as they are touched and stay: see `resident`.
    Resident,
    /// From wasmtime's pool.
    Pooling,
    /// Mapped anew for each instance.
    OnDemand,
    /// Wasmtime's pool, as wasmtime sets it: a module's data is mapped.
    WasmtimePooling,
    /// Mapped anew, as wasmtime sets it: a module's data too.
    WasmtimeOnDemand,
}

impl Allocation {
    fn maps_data(self) -> bool {
        matches!(self, Allocation::WasmtimePooling | Allocation::WasmtimeOnDemand)
    }
}

/// How instances do get their memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allocator {
    Resident,
    Pooling,
    OnDemand { because: String },
}

/// The engine that handlers are compiled on, and the settings of all others.
pub struct Sandbox {
    pub(super) engine: Engine,
    pub(super) config: SandboxConfig,
    allocator: Allocator,
    fingerprint: String,
    pub(super) ticker: Arc<Ticker>,
}

impl Sandbox {
    /// # Errors
    /// When wasmtime cannot run here with these settings.
    pub fn new(config: &SandboxConfig) -> Result<Self, SandboxError> {
        let (engine, allocator) = start_engine(config)?;
        Sandbox::on(engine, allocator, config)
    }

    pub(super) fn on(
        engine: Engine,
        allocator: Allocator,
        config: &SandboxConfig,
    ) -> Result<Self, SandboxError> {
        let fingerprint = fingerprint(config)?;
        let ticker = Ticker::start(config.limits.wall_clock_max).map_err(|e| SandboxError(e.to_string()))?;
        ticker.add(&engine);
        Ok(Sandbox { engine, config: config.clone(), allocator, fingerprint, ticker: Arc::new(ticker) })
    }

    /// Takes a module's data out, where memories are made that hold it.
    pub(super) fn extract<'a>(&self, module: &'a [u8]) -> Extracted<'a> {
        match self.allocator {
            Allocator::Resident => resident::extract(module),
            _ => Extracted { module: module.into(), image: Arc::default() },
        }
    }

    pub fn allocator(&self) -> &Allocator {
        &self.allocator
    }

    pub fn limits(&self) -> &Limits {
        &self.config.limits
    }

    pub fn compile_time_max(&self) -> Duration {
        self.config.compile_time_max
    }

    /// Names the engine, its version and every setting that decides what comes out. Where fingerprints are
    /// equal, the same module gives the same event the same verdict and the same fuel.
    pub fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }
}

/// Starts an engine with the given settings.
pub(super) fn start_engine(config: &SandboxConfig) -> Result<(Engine, Allocator), SandboxError> {
    match config.allocation {
        Allocation::Resident => resident_engine(config),
        Allocation::Pooling | Allocation::WasmtimePooling => {
            Ok((started(&pooling(config)?)?, Allocator::Pooling))
        }
        Allocation::OnDemand | Allocation::WasmtimeOnDemand => on_demand(config, "it was asked for"),
    }
}

/// Starts an engine for a component. Components are large and made of several modules, so their memories are not
/// laid out by us: wasmtime maps their data, copy-on-write, into memories of its pool.
pub(super) fn start_component_engine(config: &SandboxConfig) -> Result<Engine, SandboxError> {
    let settings = component_base(config)?;
    match config.allocation {
        Allocation::OnDemand | Allocation::WasmtimeOnDemand => started(&settings),
        // A pool reserves addresses for all its memories; where they are not to be had, each instance asks anew.
        _ => started(&component_pooling(config, settings.clone())).or_else(|_| started(&settings)),
    }
}

/// What decides what a component means. Its fuel is the same from a pool and on demand, since both map its
/// data.
pub(super) fn component_base(config: &SandboxConfig) -> Result<Config, SandboxError> {
    let mut engine = base(config)?;
    engine.wasm_component_model(true).memory_init_cow(true).wasm_multi_memory(true);
    Ok(engine)
}

fn component_pooling(config: &SandboxConfig, mut engine: Config) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(config.slots)
        .total_core_instances(config.slots * CORE_INSTANCES_PER_COMPONENT)
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
        .total_memories(config.slots * MEMORIES_PER_COMPONENT)
        .max_memories_per_component(MEMORIES_PER_COMPONENT)
        .total_tables(config.slots * TABLES_PER_COMPONENT)
        .max_tables_per_component(TABLES_PER_COMPONENT)
        .max_tables_per_module(TABLES_PER_COMPONENT)
        .max_core_instance_size(COMPONENT_BYTES_MAX)
        .max_component_instance_size(COMPONENT_BYTES_MAX)
        .table_elements(TABLE_ELEMENTS_MAX)
        .max_memory_size(usize::try_from(4096 * MIB).unwrap_or(usize::MAX));
    engine.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    engine
}

fn on_demand(config: &SandboxConfig, because: &str) -> Result<(Engine, Allocator), SandboxError> {
    Ok((started(&base(config)?)?, Allocator::OnDemand { because: because.to_owned() }))
}

pub(super) fn started(config: &Config) -> Result<Engine, SandboxError> {
    Engine::new(config).map_err(unusable)
}

#[cfg(target_os = "linux")]
fn resident_engine(config: &SandboxConfig) -> Result<(Engine, Allocator), SandboxError> {
    let engine = started(&resident_config(config)?)?;
    ResidentMemories::install().map_err(|e| SandboxError(e.to_string()))?;
    Ok((engine, Allocator::Resident))
}

/// Elsewhere wasmtime catches faults in a way that leaves no place in front of it.
#[cfg(not(target_os = "linux"))]
fn resident_engine(config: &SandboxConfig) -> Result<(Engine, Allocator), SandboxError> {
    on_demand(config, "memories stay resident on Linux alone")
}

fn resident_config(config: &SandboxConfig) -> Result<Config, SandboxError> {
    let memory_bytes_max = usize::try_from(config.limits.memory_bytes_max).unwrap_or(usize::MAX);
    let mut engine = base(config)?;
    engine
        .allocation_strategy(InstanceAllocationStrategy::OnDemand)
        .with_host_memory(Arc::new(ResidentMemories::new(memory_bytes_max)))
        // The compiled code checks every access itself: pages stay open beyond a memory's size.
        .memory_reservation(config.limits.memory_bytes_max)
        .memory_guard_size(0)
        .guard_before_linear_memory(false)
        .memory_may_move(false);
    Ok(engine)
}

fn pooling(config: &SandboxConfig) -> Result<Config, SandboxError> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(config.slots)
        .total_memories(config.slots)
        .total_tables(config.slots * TABLES_PER_MODULE)
        .max_tables_per_module(TABLES_PER_MODULE)
        // More than the budget allows, for both: it is the budget that refuses, with a message that names
        // the cure.
        .table_elements(TABLE_ELEMENTS_MAX)
        .max_memory_size(usize::try_from(4096 * MIB).unwrap_or(usize::MAX));
    // `pagemap_scan` stays off, as is the default: on wasmtime 48 a dirty page that was swapped out
    // is not reset, and the next instance can read it.
    let mut engine = base(config)?;
    engine.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Ok(engine)
}

pub(super) fn base(config: &SandboxConfig) -> Result<Config, SandboxError> {
    let mut engine = Config::new();
    engine
        // Bounds: fuel is deterministic, the epoch stops what fuel would let run too long.
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(usize::try_from(config.limits.stack_bytes_max).unwrap_or(usize::MAX))
        // Determinism: same event, same answer, on every machine.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        // And the same fuel with every allocation: a module's data is copied when an instance starts, at a
        // unit a byte. Where wasmtime can map it instead, the copying and its fuel fall away, and with them
        // some of the fuel of what came before. See `fuel` for data that lies in the slot already.
        .memory_init_cow(config.allocation.maps_data())
        // One memory, 32-bit: what the ABI's pointers can name.
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_component_model(false)
        // Guests run to their end on a worker thread; no fibers.
        .concurrency_support(false)
        .wasm_backtrace_details(WasmBacktraceDetails::Enable)
        .cache(module_cache(config)?);
    Ok(engine)
}

/// Wasmtime's own cache: keyed by the module, the compiler and its settings.
fn module_cache(config: &SandboxConfig) -> Result<Option<Cache>, SandboxError> {
    let Some(dir) = &config.cache_dir else { return Ok(None) };
    let mut settings = CacheConfig::new();
    settings.with_directory(dir);
    Cache::new(settings).map(Some).map_err(unusable)
}

pub(super) fn unusable(error: wasmtime::Error) -> SandboxError {
    SandboxError(one_line(&error))
}

/// Longest line of an error: some quote what they are about, and that may be a module's whole text.
const ERROR_BYTES_MAX: usize = 1024;

/// An error with its causes on one line, as every message of ours is.
pub(super) fn one_line(error: &wasmtime::Error) -> String {
    let mut line = format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() > ERROR_BYTES_MAX {
        line.truncate(line.floor_char_boundary(ERROR_BYTES_MAX));
        line.push_str("...");
    }
    line
}
