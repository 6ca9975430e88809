//! `wasm-evq build`: turns a handler crate into one `.wasm` file.
//!
//! Find the crate, find a compiler that can make Wasm, let cargo compile with the flags that give
//! the fast memory layout, put the file where a person looks for it. Knows nothing of events.

mod compile;
mod compiler;
mod error;
mod flags;
mod module_size;
mod package;
mod place;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

pub use error::BuildError;

use compile::{Form, Profile, compile};
use compiler::Compiler;
use module_size::ModuleSize;
use package::Package;

use crate::sandbox::componentize;

/// Build a handler crate into a .wasm file.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  wasm-evq build                        the crate in this folder, into its folder
  wasm-evq build examples/hello         -> examples/hello/hello.wasm
  wasm-evq build -o /srv/handlers/      -> /srv/handlers/<crate>.wasm
  wasm-evq build --component            a component, of the same source

The compiler is $WASM_EVQ_RUSTC, else the rustc on PATH when it has the wasm32-unknown-unknown
target, else the one that guest-sdk/set-up made.")]
pub struct BuildArgs {
    /// The folder of the handler's Cargo.toml
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,

    /// Where the module goes: a file, or a folder that exists [default: <crate>.wasm in DIR]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Compile quickly, with line numbers in backtraces; the module is large and slow
    #[arg(long)]
    pub debug: bool,

    /// Make a component of the world `wasm-evq:handler` instead of a core module
    #[arg(long)]
    pub component: bool,
}

/// The component that a module is whose types it carries.
fn component_of(module: &Path) -> Result<Vec<u8>, BuildError> {
    let bytes =
        fs::read(module).map_err(|cause| BuildError::CannotRead { path: module.to_owned(), cause })?;
    let component = componentize(&bytes).unwrap_or_else(|| Err("it carries no component's types".into()));
    component.map_err(|reason| BuildError::NoComponent { module: module.to_owned(), reason })
}

/// Builds the crate and says on stdout, in one line, what came out.
///
/// # Errors
/// One [`BuildError`] for each thing that can be wrong with the crate, the machine or the paths.
pub fn run(args: &BuildArgs) -> Result<(), BuildError> {
    let package = Package::find(&args.dir)?;
    let compiler = Compiler::find(&package.dir)?;
    let profile = if args.debug { Profile::Debug } else { Profile::Release };
    let form = if args.component { Form::Component } else { Form::Module };
    let built = compile(&package, &compiler, profile, form)?;
    let target = place::target(&args.dir, args.output.as_deref(), &package.name);
    match form {
        Form::Module => place::copy(&built, &target)?,
        Form::Component => place::write(&component_of(&built)?, &target)?,
    }
    let size = ModuleSize::of_file(&target)?;
    // A reader that has gone away is no reason to fail: the module is there.
    let _ = writeln!(std::io::stdout(), "{}: {size}", target.display());
    Ok(())
}
