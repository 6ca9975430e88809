//! Everything that can keep a handler from being built, each with its cure.

use std::io;
use std::path::{Path, PathBuf};

use super::compiler::TARGET;

/// Why there is no module. All of them are for the person at the keyboard: exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("no Cargo.toml in {}; name the handler's folder, or make one with `wasm-evq new NAME`", dir.display())]
    NoManifest { dir: PathBuf },

    #[error("{} is a workspace without a crate of its own; name the folder of one of its crates", dir.display())]
    NotAPackage { dir: PathBuf },

    #[error("cargo cannot read {}; its message is above", manifest.display())]
    BadManifest { manifest: PathBuf },

    #[error(
        "crate {name} ({}) is no handler: it builds no cdylib; add to it: [lib] crate-type = [\"cdylib\"]",
        manifest.display()
    )]
    NotACdylib { name: String, manifest: PathBuf },

    #[error("cannot run `{program}`: {cause}; is Rust installed and on PATH?")]
    CannotRun { program: String, cause: io::Error },

    #[error("WASM_EVQ_RUSTC={}: cannot make {TARGET} code with it; unset it, or name a rustc that has the target", path.display())]
    ChosenCompilerUnfit { path: PathBuf },

    #[error("no rustc here can make {TARGET} code; run `rustup target add {TARGET}`{}", and_set_up(set_up.as_deref()))]
    NoCompiler { set_up: Option<PathBuf> },

    #[error("crate {name} does not compile; the compiler's messages are above")]
    DoesNotCompile { name: String },

    #[error("cargo built crate {name} but named no .wasm file; please report this with your cargo's version")]
    NoArtifact { name: String },

    #[error("cannot read what cargo says about crate {name}: {cause}")]
    Unreadable { name: String, cause: io::Error },

    #[error("cannot read {}, which cargo has just made: {cause}; build it again", path.display())]
    CannotRead { path: PathBuf, cause: io::Error },

    #[error("no component can be made of {}: {reason}; does its wasm-evq-guest have the feature `component`?", module.display())]
    NoComponent { module: PathBuf, reason: String },

    #[error("cannot write {}: {cause}; choose another place with --output", path.display())]
    CannotWrite { path: PathBuf, cause: io::Error },
}

fn and_set_up(set_up: Option<&Path>) -> String {
    set_up.map(|script| format!(", or {}", script.display())).unwrap_or_default()
}
