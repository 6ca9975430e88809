//! How a sandbox or a handler cannot be had. One line each: what, where, the value, the cure.

use std::path::{Path, PathBuf};

use super::compile::CompileError;

/// The engine cannot be built on this machine with these settings.
#[derive(Debug, thiserror::Error)]
#[error("the Wasm engine cannot start: {0}")]
pub struct SandboxError(pub(super) String);

/// A file is no handler.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("cannot read the handler {}: {reason}; give the path of a module, such as `wasm-evq build` makes", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{} is {bytes} bytes, the limit on a module is {bytes_max}; leave out its names and debugging data", path.display())]
    TooLarge { path: PathBuf, bytes: u64, bytes_max: u64 },
    #[error("{} is {bytes} bytes, the limit on a module as text is {bytes_max}; make a .wasm file of it", path.display())]
    TextTooLarge { path: PathBuf, bytes: u64, bytes_max: u64 },
    #[error("{} is not WebAssembly: {found}; `wasm-evq build` makes a module from a handler crate", path.display())]
    NotWasm { path: PathBuf, found: String },
    #[error("{} is not a valid module: {reason}", path.display())]
    Invalid { path: PathBuf, reason: String },
    #[error("{} cannot be compiled: {reason}", path.display())]
    Costly { path: PathBuf, reason: String },
    #[error("{} is not a handler: {}", path.display(), problems.join("; "))]
    NotAHandler { path: PathBuf, problems: Vec<String> },
    #[error(
        "the handler name {name:?} does not fit: 1 to 64 of a-z, A-Z, 0-9, '.', '_' and '-'; give one with --name"
    )]
    BadName { name: String },
}

impl LoadError {
    pub(super) fn of_compiling(path: &Path, error: &CompileError) -> Self {
        let (path, reason) = (path.to_owned(), error.to_string());
        match error {
            CompileError::Invalid(_) => LoadError::Invalid { path, reason },
            CompileError::TooCostly(_) | CompileError::TooLong { .. } => LoadError::Costly { path, reason },
        }
    }
}
