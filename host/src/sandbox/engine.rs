//! The engine: wasmtime's settings, each with its reason. One per process.

use std::path::PathBuf;

use wasmtime::{
    Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, Linker, PoolingAllocationConfig,
    WasmBacktraceDetails,
};

use super::abi;
use super::attempt_state::AttemptState;
use super::error::SandboxError;
use super::ticker::Ticker;
use crate::limits::Limits;

/// Memory that a slot keeps between attempts and clears by writing zeros. A handler with the SDK's
/// layout (two or three pages) fits in it, so clearing it makes no system call: `madvise` and the page faults after it
/// take the process-wide mmap lock, and two workers were slower than one.
const KEEP_RESIDENT_BYTES: usize = 256 * 1024;

/// The same for tables; LLVM's modules have a few hundred elements.
const TABLE_KEEP_RESIDENT_BYTES: usize = 16 * 1024;

/// Tables a module may define. LLVM makes one, hand-written modules sometimes two.
const TABLES_PER_MODULE: u32 = 4;

/// What the host chooses about its sandbox.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    pub limits: Limits,
    /// Attempts that may run at the same time.
    pub slots: u32,
    /// Where compiled modules are kept between runs; `None` compiles each time.
    pub cache_dir: Option<PathBuf>,
    pub allocation: Allocation,
}

/// How instances are to get their memory. Fresh in every case; the others are there to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// Pooled, with settings for small handlers.
    Tuned,
    /// Pooled, as wasmtime sets it.
    PoolingDefaults,
    /// Mapped anew for each instance.
    OnDemand,
}

/// How instances do get their memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allocator {
    /// From slots reserved once.
    Pooling,
    /// Mapped anew for each instance: slower, but needs no reserved address space.
    OnDemand { because: String },
}

/// The engine with the host's imports, shared by all handlers of the process.
pub struct Sandbox {
    pub(super) engine: Engine,
    pub(super) linker: Linker<AttemptState>,
    pub(super) limits: Limits,
    allocator: Allocator,
    _ticker: Ticker,
}

impl Sandbox {
    /// # Errors
    /// When wasmtime cannot run here with these settings.
    pub fn new(config: &SandboxConfig) -> Result<Self, SandboxError> {
        let (engine, allocator) = engine(config)?;
        let linker = abi::core_v1::linker(&engine).map_err(unusable)?;
        let ticker = Ticker::start(&engine).map_err(|e| SandboxError(e.to_string()))?;
        Ok(Sandbox { engine, linker, limits: config.limits, allocator, _ticker: ticker })
    }

    pub fn allocator(&self) -> &Allocator {
        &self.allocator
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Names the engine, its version and every setting that shapes compiled code. Figures such as
    /// fuel compare only between equal fingerprints.
    pub fn fingerprint(&self) -> String {
        use std::hash::{Hash, Hasher};
        let mut hasher = std::hash::DefaultHasher::new();
        self.engine.precompile_compatibility_hash().hash(&mut hasher);
        format!("wasmtime-48-{}-{:016x}", std::env::consts::ARCH, hasher.finish())
    }
}

fn engine(config: &SandboxConfig) -> Result<(Engine, Allocator), SandboxError> {
    let on_demand = |because| {
        let engine = Engine::new(&base(config)?).map_err(unusable)?;
        Ok((engine, Allocator::OnDemand { because }))
    };
    if config.allocation == Allocation::OnDemand {
        return on_demand("it was asked for".into());
    }
    match Engine::new(&pooling(config)?) {
        Ok(engine) => Ok((engine, Allocator::Pooling)),
        // The usual reason is a bound on address space (`ulimit -v`, a container).
        Err(refused) => on_demand(one_line(&refused)),
    }
}

fn pooling(config: &SandboxConfig) -> Result<Config, SandboxError> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(config.slots)
        .total_memories(config.slots)
        .total_tables(config.slots * TABLES_PER_MODULE)
        .max_tables_per_module(TABLES_PER_MODULE)
        .table_elements(usize::try_from(config.limits.table_elements_max).unwrap_or(usize::MAX))
        .max_memory_size(usize::try_from(config.limits.memory_bytes_max).unwrap_or(usize::MAX));
    // `pagemap_scan` stays off, as is the default: on wasmtime 48 a dirty page that was swapped out
    // is not reset, and the next instance can read it.
    let mut engine = base(config)?;
    if config.allocation == Allocation::Tuned {
        pool.linear_memory_keep_resident(KEEP_RESIDENT_BYTES).table_keep_resident(TABLE_KEEP_RESIDENT_BYTES);
        // Data segments are copied instead of mapped: small ones cost less so, and a slot without a
        // mapped image is cleared without a system call.
        engine.memory_init_cow(false);
    }
    engine.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Ok(engine)
}

fn base(config: &SandboxConfig) -> Result<Config, SandboxError> {
    let mut engine = Config::new();
    engine
        // Bounds: fuel is deterministic, the epoch stops what fuel would let run too long.
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(usize::try_from(config.limits.stack_bytes_max).unwrap_or(usize::MAX))
        // Determinism: same event, same answer, on every machine.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        // One memory, 32-bit: what the ABI's pointers can name.
        .wasm_memory64(false)
        .wasm_multi_memory(false)
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

fn unusable(error: wasmtime::Error) -> SandboxError {
    SandboxError(one_line(&error))
}

/// An error with its causes on one line, as every message of ours is.
pub(super) fn one_line(error: &wasmtime::Error) -> String {
    format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ")
}
