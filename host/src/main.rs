//! The program: parse, do, exit.

use std::process::ExitCode;

use wasm_evq::cli::{execute, parse};

/// Events are allocated by the reader and freed by workers and settler: the system's allocator on
/// Linux takes a lock for each of those, and maps memory anew under the whole process's lock.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        eprintln!("wasm-evq: internal error, please report it: {}", panic.to_string().replace('\n', ": "));
    }));
    match parse().and_then(|cli| execute(&cli)) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("wasm-evq: {failure}");
            failure.exit_code()
        }
    }
}
