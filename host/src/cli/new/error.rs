//! Everything that can keep a new handler from being made, each with its cure.

use std::io;
use std::path::PathBuf;

use super::name::NAME_BYTES_MAX;

/// Why there is no new folder. All of them are for the person at the keyboard: exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    #[error(
        "{name:?} cannot name a handler: use 1 to {NAME_BYTES_MAX} of a-z, 0-9, - and _, beginning with a letter"
    )]
    BadName { name: String },

    #[error(
        "{name:?} cannot name a handler crate: Rust keeps that name for itself; try {name:?} with a word more, as in {name}-events"
    )]
    ReservedName { name: String },

    #[error("--path-to-sdk is for Rust alone: a handler in {language} needs no SDK; leave it out")]
    SdkForRustAlone { language: &'static str },

    #[error("{} exists already; choose another name, or remove it first", path.display())]
    Exists { path: PathBuf },

    #[error("no SDK in {}: there is no Cargo.toml of wasm-evq-guest; name the guest-sdk folder of a wasm-evq checkout", path.display())]
    NoSdk { path: PathBuf },

    #[error("cannot use the SDK in {}: the path is not UTF-8, which Cargo.toml needs", path.display())]
    SdkPathNotUtf8 { path: PathBuf },

    #[error("cannot write {}: {cause}", path.display())]
    CannotWrite { path: PathBuf, cause: io::Error },
}
