//! The program: parse, do, exit.

use std::process::ExitCode;

use clap::Parser;
use wasm_evq::cli::{Cli, execute};

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        eprintln!("wasm-evq: internal error, please report it: {}", panic.to_string().replace('\n', ": "));
    }));
    match execute(&Cli::parse()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("wasm-evq: {failure}");
            failure.exit_code()
        }
    }
}
