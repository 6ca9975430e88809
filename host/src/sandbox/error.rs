//! How a sandbox or a handler cannot be had. One line each: what, where, the value, the cure.

use std::path::PathBuf;

/// The engine cannot be built on this machine with these settings.
#[derive(Debug, thiserror::Error)]
#[error("the Wasm engine cannot start: {0}")]
pub struct SandboxError(pub(super) String);

/// A file is no handler.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("cannot read the handler {}: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{} is {bytes} bytes, the limit on a module is {bytes_max}", path.display())]
    TooLarge { path: PathBuf, bytes: u64, bytes_max: u64 },
    #[error("{} is not WebAssembly: {found}; `wasm-evq build` makes a module from a handler crate", path.display())]
    NotWasm { path: PathBuf, found: String },
    #[error("{} is not a valid module: {reason}", path.display())]
    Invalid { path: PathBuf, reason: String },
    #[error("{} is not a handler: {}", path.display(), problems.join("; "))]
    NotAHandler { path: PathBuf, problems: Vec<String> },
    #[error(
        "the handler name {name:?} does not fit: 1 to 64 of a-z, A-Z, 0-9, '.', '_' and '-'; give one with --name"
    )]
    BadName { name: String },
}
