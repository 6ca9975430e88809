//! A program with a main function, built for WASI 0.1 (preview 1): the event on standard input, the
//! output on standard output, the log on standard error, and the exit code as its verdict.

mod clocks;
mod denied;
mod memory;
mod process;
mod stdio;

use wasmtime::{Caller, Engine, Linker, Module, Store, TypedFunc};

use super::core_module::{entry_problem, shown};
use crate::event::Verdict;
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::wasi::{Exit, verdict_of_exit};

/// The function that handles one event.
pub const ENTRY: &str = "_start";

/// The module that all imports come from.
const IMPORTS: &str = "wasi_snapshot_preview1";

type Guest<'a> = Caller<'a, AttemptState>;

/// All imports of WASI 0.1.
pub fn linker(engine: &Engine) -> wasmtime::Result<Linker<AttemptState>> {
    let mut linker = Linker::new(engine);
    stdio::link(&mut linker)?;
    clocks::link(&mut linker)?;
    process::link(&mut linker)?;
    denied::link(&mut linker)?;
    Ok(linker)
}

/// Runs the program, and reads its exit code.
pub fn call(entry: &TypedFunc<(), ()>, store: &mut Store<AttemptState>) -> wasmtime::Result<Verdict> {
    let code = match entry.call(&mut *store, ()) {
        Ok(()) => 0,
        Err(error) => match error.downcast_ref::<Exit>() {
            Some(Exit(code)) => *code,
            None => return Err(error),
        },
    };
    Ok(verdict_of_exit(code, store.data_mut()))
}

/// All that keeps a module from being such a program.
pub fn problems(module: &Module) -> Vec<String> {
    let entry = entry_problem(module, ENTRY, "", "", "() -> ()");
    let imports = module.imports().filter(|import| import.module() != IMPORTS).map(|import| {
        let (module, name) = (shown(import.module()), shown(import.name()));
        format!("it imports `{module}.{name}`; WASI commands import from `{IMPORTS}` alone")
    });
    entry.into_iter().chain(imports).collect()
}

/// The answers of WASI 0.1.
mod errno {
    pub const SUCCESS: i32 = 0;
    /// No such file is open.
    pub const BADF: i32 = 8;
    pub const INVAL: i32 = 28;
    pub const NOSYS: i32 = 52;
    /// A stream cannot be wound.
    pub const SPIPE: i32 = 70;
    /// The grant for it is missing.
    pub const NOTCAPABLE: i32 = 76;
}
