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

use std::io::Write;
use std::path::PathBuf;

pub use error::BuildError;

use compile::{Profile, compile};
use compiler::Compiler;
use module_size::ModuleSize;
use package::Package;

/// Build a handler crate into a .wasm file.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  wasm-evq build                        the crate in this folder, into its folder
  wasm-evq build examples/hello         -> examples/hello/hello.wasm
  wasm-evq build -o /srv/handlers/      -> /srv/handlers/<crate>.wasm

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
}

/// Builds the crate and says on stdout, in one line, what came out.
///
/// # Errors
/// One [`BuildError`] for each thing that can be wrong with the crate, the machine or the paths.
pub fn run(args: &BuildArgs) -> Result<(), BuildError> {
    let package = Package::find(&args.dir)?;
    let compiler = Compiler::find(&package.dir)?;
    let profile = if args.debug { Profile::Debug } else { Profile::Release };
    let built = compile(&package, &compiler, profile)?;
    let target = place::target(&args.dir, args.output.as_deref(), &package.name);
    place::copy(&built, &target)?;
    let size = ModuleSize::of_file(&target)?;
    // A reader that has gone away is no reason to fail: the module is there.
    let _ = writeln!(std::io::stdout(), "{}: {size}", target.display());
    Ok(())
}
