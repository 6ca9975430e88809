//! `wasm-evq new`: makes the folder of a new handler crate that builds, runs and is tested.
//!
//! Check the name, find the SDK, make the folder, fill in the template. Knows nothing of cargo or Wasm.

mod error;
mod name;
mod sdk;
mod template;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use error::NewError;

use name::CrateName;
use sdk::Sdk;

/// Make a new handler crate from a template.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  wasm-evq new shout && cd shout
  cargo test                              the handler's own tests, natively
  wasm-evq build                          -> shout.wasm
  wasm-evq invoke shout.wasm event.json   one event, nothing stored
  wasm-evq run shout.wasm events.ndjson   queue -> fresh instance each -> evq.db")]
pub struct NewArgs {
    /// The name of the crate and of its folder: a to z, 0 to 9, - and _
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Take the SDK from this folder [default: this program's own checkout, else crates.io]
    #[arg(long, value_name = "DIR")]
    pub path_to_sdk: Option<PathBuf>,
}

/// Makes the folder `NAME` here and says on stdout what to type next.
///
/// # Errors
/// One [`NewError`] for each thing that can be wrong with the name, the SDK or the folder.
pub fn run(args: &NewArgs) -> Result<(), NewError> {
    let name = CrateName::parse(&args.name)?;
    let sdk = Sdk::find(args.path_to_sdk.as_deref())?;
    make(Path::new(name.as_str()), &name, &sdk)?;
    // A reader that has gone away is no reason to fail: the folder is there.
    let _ = say_what_to_type_next(&name);
    Ok(())
}

fn make(folder: &Path, name: &CrateName, sdk: &Sdk) -> Result<(), NewError> {
    let cannot_write = |path: PathBuf| move |cause| NewError::CannotWrite { path, cause };
    // Making the folder is the check that nothing is there, so nobody can come in between.
    fs::create_dir(folder).map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => NewError::Exists { path: folder.to_owned() },
        _ => cannot_write(folder.to_owned())(cause),
    })?;
    let source = folder.join("src");
    fs::create_dir(&source).map_err(cannot_write(source))?;
    for (path, text) in template::files(name, sdk) {
        let path = folder.join(path);
        fs::write(&path, text).map_err(cannot_write(path))?;
    }
    Ok(())
}

fn say_what_to_type_next(name: &CrateName) -> io::Result<()> {
    let name = name.as_str();
    let mut out = io::stdout();
    writeln!(out, "made {name}/: the handler is in {name}/src/lib.rs. Next:")?;
    writeln!(out, "  cd {name}")?;
    writeln!(out, "  wasm-evq build")?;
    writeln!(out, "  wasm-evq run {name}.wasm events.ndjson")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_exists_is_left_alone() {
        let name = CrateName::parse("shout").unwrap();
        let sdk = Sdk::Published;
        let refused = make(&std::env::temp_dir(), &name, &sdk);
        assert!(matches!(refused, Err(NewError::Exists { .. })));
    }
}
