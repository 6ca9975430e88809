//! What does a fresh instance cost? The handler gives the event back, so nearly all of it is ours.

use std::path::Path;

use wasm_evq::clock::UnixMillis;
use wasm_evq::limits::{COMPILE_TIME_MAX, Limits};
use wasm_evq::sandbox::{Allocation, Answers, Handler, Invocation, Sandbox, SandboxConfig};

const ECHO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/bench/echo.wat");

fn main() {
    divan::main();
}

#[divan::bench(args = [2, 300, 10_000])]
fn echo(bencher: divan::Bencher, event_bytes: usize) {
    let (_sandbox, handler) = handler(Allocation::Resident);
    let event = format!("\"{}\"", "x".repeat(event_bytes - 2));
    bencher.with_inputs(|| invocation(&event)).bench_values(|invocation| handler.invoke(invocation));
}

/// The same with an instance's memory mapped anew each time, as wasmtime does by itself.
#[divan::bench]
fn echo_on_demand(bencher: divan::Bencher) {
    let (_sandbox, handler) = handler(Allocation::OnDemand);
    bencher.with_inputs(|| invocation("{}")).bench_values(|invocation| handler.invoke(invocation));
}

/// The sandbox keeps the time, so it has to outlive the handler's runs.
fn handler(allocation: Allocation) -> (Sandbox, Handler) {
    let config = SandboxConfig {
        limits: Limits::default(),
        slots: 1,
        compile_time_max: COMPILE_TIME_MAX,
        cache_dir: None,
        allocation,
    };
    let sandbox = Sandbox::new(&config).expect("wasmtime runs here");
    let handler = sandbox.load("echo", Path::new(ECHO)).expect("it is a handler");
    (sandbox, handler)
}

fn invocation(event: &str) -> Invocation {
    Invocation {
        event: event.into(),
        attempt: 1,
        accepted_at: UnixMillis(0),
        hops: 0,
        answers: Answers::Live,
    }
}
