//! A module's bytes into machine code, within a time. A module is not trusted before it runs either.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use wasmtime::{Engine, Module};

use super::compile_cost::TooCostly;
use super::engine::one_line;

/// A module, and its code as wasmtime serializes it.
pub struct Compiled {
    pub module: Module,
    pub code: Vec<u8>,
}

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    #[error("{0}")]
    Invalid(String),
    #[error(transparent)]
    TooCostly(#[from] TooCostly),
    #[error(
        "compiling it takes longer than {time_max:?}; raise --compile-timeout, or build it with optimization"
    )]
    TooLong { time_max: Duration },
}

impl From<wasmtime::Error> for CompileError {
    fn from(error: wasmtime::Error) -> Self {
        CompileError::Invalid(one_line(&error))
    }
}

/// Compiles on a thread of its own, since nothing stops a compiler. One that takes too long is left
/// behind: it holds no more memory than [`TooCostly`] lets pass, and it keeps no process from ending.
pub fn compile(engine: &Engine, bytes: Vec<u8>, time_max: Duration) -> Result<Compiled, CompileError> {
    let (to_us, compiled) = channel();
    let engine = engine.clone();
    let work = move || {
        // Nobody listens any more when it took too long.
        let _ = to_us.send(compile_now(&engine, &bytes));
    };
    std::thread::Builder::new()
        .name("evq-compiler".into())
        .spawn(work)
        .map_err(|e| CompileError::Invalid(format!("the machine gives no thread to compile on: {e}")))?;
    match compiled.recv_timeout(time_max) {
        Ok(compiled) => compiled,
        Err(RecvTimeoutError::Timeout) => Err(CompileError::TooLong { time_max }),
        Err(RecvTimeoutError::Disconnected) => {
            Err(CompileError::Invalid("the compiler failed on it; please report it".into()))
        }
    }
}

fn compile_now(engine: &Engine, bytes: &[u8]) -> Result<Compiled, CompileError> {
    super::compile_cost::check(bytes)?;
    let module = Module::new(engine, bytes)?;
    let code = module.serialize()?;
    Ok(Compiled { module, code })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compilation_that_takes_too_long_is_left_behind() {
        let module = wat::parse_str("(module (func))").unwrap();
        let late = compile(&Engine::default(), module, Duration::ZERO).err().unwrap().to_string();
        assert!(late.starts_with("compiling it takes longer than 0ns; raise --compile-timeout"), "{late}");
    }
}
