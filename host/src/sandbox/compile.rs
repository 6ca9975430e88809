//! A module's bytes into machine code, within a time. A module is not trusted before it runs either.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use wasmtime::component::Component;
use wasmtime::{Engine, Module};

use super::compile_cost::TooCostly;
use super::engine::one_line;

/// What was compiled, and its code as wasmtime serializes it.
pub struct Compiled<T> {
    pub compiled: T,
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

/// Compiles a core module.
pub fn compile_module(
    engine: &Engine,
    bytes: Vec<u8>,
    time_max: Duration,
) -> Result<Compiled<Module>, CompileError> {
    let engine = engine.clone();
    within(time_max, move || {
        super::compile_cost::check(&bytes)?;
        let compiled = Module::new(&engine, &bytes)?;
        Ok(Compiled { code: compiled.serialize()?, compiled })
    })
}

/// Compiles a component.
pub fn compile_component(
    engine: &Engine,
    bytes: Vec<u8>,
    time_max: Duration,
) -> Result<Compiled<Component>, CompileError> {
    let engine = engine.clone();
    within(time_max, move || {
        super::compile_cost::check(&bytes)?;
        let compiled = Component::new(&engine, &bytes)?;
        Ok(Compiled { code: compiled.serialize()?, compiled })
    })
}

/// Compiles on a thread of its own, since nothing stops a compiler. One that takes too long is left
/// behind: it holds no more memory than [`TooCostly`] lets pass, and it keeps no process from ending.
fn within<T: Send + 'static>(
    time_max: Duration,
    compile: impl FnOnce() -> Result<T, CompileError> + Send + 'static,
) -> Result<T, CompileError> {
    let (to_us, compiled) = channel();
    let work = move || {
        // Nobody listens any more when it took too long.
        let _ = to_us.send(compile());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compilation_that_takes_too_long_is_left_behind() {
        let module = wat::parse_str("(module (func))").unwrap();
        let late = compile_module(&Engine::default(), module, Duration::ZERO).err().unwrap().to_string();
        assert!(late.starts_with("compiling it takes longer than 0ns; raise --compile-timeout"), "{late}");
    }
}
