//! Generated modules, a half of anything, some components among them, and a half in the shape of the core ABI
//! or of a WASI command: whatever they do, what comes out is a refusal or a verdict, the same with every way of getting memory, and a good handler between them
//! does well. `EVQ_WASM_SMITH_MODULES` says how many, `EVQ_SEED` which is the first.

use std::num::NonZeroUsize;
use std::path::Path;

use arbitrary::Unstructured;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use wasm_smith::Config;

use super::{invoke, load, sandbox};
use crate::event::{Report, Verdict};
use crate::limits::{Limits, MIB};
use crate::sandbox::{Allocation, Handler, Sandbox};

const MODULES: u64 = 400;

/// Bytes of chance that a module is made of.
const CHANCE_BYTES: usize = 4096;

const EVENT: &str =
    r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data":[1,2,3],"subject":"smith"}"#;

/// The ABI: what a handler may import, and what it must export.
const IMPORTS: &str = r#"(module
    (import "evq_v1" "event_read" (func (param i32 i32 i32)))
    (import "evq_v1" "attempt" (func (result i32)))
    (import "evq_v1" "now_ms" (func (result i64)))
    (import "evq_v1" "random_fill" (func (param i32 i32)))
    (import "evq_v1" "env" (func (param i32 i32 i32 i32) (result i32)))
    (import "evq_v1" "output" (func (param i32 i32 i32)))
    (import "evq_v1" "emit" (func (param i32 i32)))
    (import "evq_v1" "log" (func (param i32 i32 i32)))
    (import "evq_v1" "error" (func (param i32 i32)))
    (import "evq_v1" "retry_after_ms" (func (param i64))))"#;
const EXPORTS: &str = r#"(module
    (memory (export "memory") 1 8)
    (func (export "evq_handle_v1") (param i32) (result i32) unreachable))"#;

/// A WASI command, with every kind of pointer that its imports take.
const WASI_IMPORTS: &str = r#"(module
    (import "wasi_snapshot_preview1" "args_get" (func (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_sizes_get" (func (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_get" (func (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_sizes_get" (func (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_res_get" (func (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_seek" (func (param i32 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_fdstat_get" (func (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_filestat_get" (func (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_prestat_get" (func (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_open"
        (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff" (func (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sock_send" (func (param i32 i32 i32 i32 i32) (result i32))))"#;
const WASI_EXPORTS: &str = r#"(module
    (memory (export "memory") 1 8)
    (func (export "_start") unreachable))"#;

const GOOD: &str = r#"(module
    (import "evq_v1" "output" (func $output (param i32 i32 i32)))
    (memory (export "memory") 1) (data (i32.const 16) "\22good\22")
    (func (export "evq_handle_v1") (param i32) (result i32)
        (call $output (i32.const 0) (i32.const 16) (i32.const 6))
        (i32.const 0)))"#;

/// Two sandboxes that get their memory in different ways, with a handler that does well.
struct Ground {
    resident: Sandbox,
    on_demand: Sandbox,
    good: Handler,
}

/// What came of some modules.
#[derive(Default)]
struct Counts {
    modules: u64,
    handlers: u64,
    attempts: u64,
}

impl Ground {
    fn new() -> Self {
        let limits = Limits { fuel_max: 50_000, memory_bytes_max: 4 * MIB, ..Limits::default() };
        let resident = sandbox(Allocation::Resident, limits);
        let good = load(&resident, GOOD);
        Ground { resident, on_demand: sandbox(Allocation::OnDemand, limits), good }
    }

    /// Judges one module; the seed says which.
    fn judge(&self, seed: u64, counts: &mut Counts) {
        let module = module(seed);
        counts.modules += 1;
        let loaded = [&self.resident, &self.on_demand].map(|sandbox| load_module(sandbox, &module));
        match loaded {
            [Ok(resident), Ok(on_demand)] => {
                counts.handlers += 1;
                let reports = [resident, on_demand].map(|handler| attempt(&handler));
                counts.attempts += 2;
                // How deep a guest gets is a matter of its frames in machine code, which differ with how
                // memory is checked: with other frames another limit may come first.
                if reports.iter().any(|report| report.verdict.code() == "stack_limit") {
                    return;
                }
                let [resident, on_demand] = reports;
                assert_eq!(resident.verdict, on_demand.verdict, "EVQ_SEED={seed}");
                assert_eq!(resident.figures.fuel, on_demand.figures.fuel, "EVQ_SEED={seed}");
                assert_eq!(resident.logs, on_demand.logs, "EVQ_SEED={seed}");
            }
            [Err(resident), Err(on_demand)] => {
                assert_eq!(resident, on_demand, "EVQ_SEED={seed}");
                assert!(!resident.contains("please report"), "EVQ_SEED={seed}: {resident}");
            }
            _ => panic!("EVQ_SEED={seed}: one sandbox loads what another refuses"),
        }
        if seed.is_multiple_of(8) {
            let good = attempt(&self.good).verdict;
            assert!(matches!(good, Verdict::Ok { .. }), "EVQ_SEED={seed}: a good handler ends with {good:?}");
        }
    }
}

fn load_module(sandbox: &Sandbox, module: &[u8]) -> Result<Handler, String> {
    let loaded = sandbox.load_bytes("smith", Path::new("smith.wasm"), module.into());
    loaded.map_err(|error| error.to_string())
}

fn attempt(handler: &Handler) -> Report {
    let report = invoke(handler, EVENT).report;
    assert!(!matches!(report.verdict, Verdict::HostPanicked { .. }), "{report:?}");
    report
}

/// The module with this seed, the same on every machine. The even ones have a shape that is called.
fn module(seed: u64) -> Vec<u8> {
    let mut chance = vec![0; CHANCE_BYTES];
    ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut chance);
    let chance = &mut Unstructured::new(&chance);
    let module = match seed % 8 {
        0 | 4 => wasm_smith::Module::new(in_shape(IMPORTS, EXPORTS), chance),
        2 | 6 => wasm_smith::Module::new(in_shape(WASI_IMPORTS, WASI_EXPORTS), chance),
        7 => {
            let component = wasm_smith::Component::new(small(), chance);
            return component.expect("there is chance enough for a component").to_bytes();
        }
        _ => wasm_smith::Module::new(small(), chance),
    };
    module.expect("there is chance enough for a module").to_bytes()
}

/// Little code, so that compiling takes a millisecond or two.
fn small() -> Config {
    Config { max_funcs: 6, max_instructions: 80, max_memory32_bytes: 4 * MIB, ..Config::default() }
}

fn in_shape(imports: &str, exports: &str) -> Config {
    Config {
        available_imports: Some(wat::parse_str(imports).unwrap()),
        exports: Some(wat::parse_str(exports).unwrap()),
        max_imports: 17,
        // The exported one is made beside these.
        max_memories: 0,
        reference_types_enabled: false,
        memory64_enabled: false,
        threads_enabled: false,
        gc_enabled: false,
        exceptions_enabled: false,
        relaxed_simd_enabled: false,
        ..small()
    }
}

#[test]
fn generated_modules_come_to_nothing_but_refusals_and_verdicts() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = number("EVQ_SEED").unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let count = number("EVQ_WASM_SMITH_MODULES").unwrap_or(MODULES);
    println!("to walk this way again: EVQ_SEED={first} EVQ_WASM_SMITH_MODULES={count}");
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get) as u64;
    let part = |thread: u64| {
        let (ground, mut counts) = (Ground::new(), Counts::default());
        (thread..count).step_by(threads as usize).for_each(|n| ground.judge(first + n, &mut counts));
        counts
    };
    let mut sum = Counts::default();
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|thread| scope.spawn(move || part(thread))).collect();
        for counts in started.into_iter().map(|thread| thread.join().expect("a module escaped")) {
            sum.modules += counts.modules;
            sum.handlers += counts.handlers;
            sum.attempts += counts.attempts;
        }
    });
    assert!(count < 100 || sum.handlers * 10 > sum.modules, "only {} handlers", sum.handlers);
    let Counts { modules, handlers, attempts } = sum;
    println!(
        "EVIDENCE smith_modules={modules} smith_handlers={handlers} smith_attempts={attempts} smith_escapes=0"
    );
}
