//! `wasm-evq new`: makes the folder of a new handler that builds and runs, in the language that was asked for.
//!
//! Check the name, find the SDK, make the folder, fill in the template. Knows nothing of compilers or Wasm.

mod error;
mod language;
mod name;
mod sdk;
mod template;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use error::NewError;

use language::Language;
use name::HandlerName;
use sdk::Sdk;

/// Make a new handler from a template.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  wasm-evq new shout && cd shout
  cargo test                              the handler's own tests, natively
  wasm-evq build                          -> shout.wasm
  wasm-evq invoke shout.wasm event.json   one event, nothing stored
  wasm-evq run shout.wasm events.ndjson   queue -> fresh instance each -> evq.db

  wasm-evq new --lang python count        count/README.md says how it is built")]
pub struct NewArgs {
    /// The name of the handler and of its folder: a to z, 0 to 9, - and _
    #[arg(value_name = "NAME")]
    pub name: String,

    /// The language to write it in
    #[arg(long, value_name = "LANGUAGE", value_enum, default_value_t = Language::Rust)]
    pub lang: Language,

    /// Take the SDK for Rust from this folder [default: this program's own checkout, else crates.io]
    #[arg(long, value_name = "DIR")]
    pub path_to_sdk: Option<PathBuf>,
}

/// Makes the folder `NAME` here and says on stdout what to type next.
///
/// # Errors
/// One [`NewError`] for each thing that can be wrong with the name, the SDK or the folder.
pub fn run(args: &NewArgs) -> Result<(), NewError> {
    let language = args.lang;
    if language != Language::Rust && args.path_to_sdk.is_some() {
        return Err(NewError::SdkForRustAlone { language: language.name() });
    }
    let name = HandlerName::parse(&args.name, language)?;
    let sdk = Sdk::find(args.path_to_sdk.as_deref())?;
    make(Path::new(name.as_str()), &template::files(&name, language, &sdk))?;
    // A reader that has gone away is no reason to fail: the folder is there.
    let _ = say_what_to_type_next(&name, language);
    Ok(())
}

fn make(folder: &Path, files: &[(&str, String)]) -> Result<(), NewError> {
    let cannot_write = |path: &Path| {
        let path = path.to_owned();
        |cause| NewError::CannotWrite { path, cause }
    };
    // Making the folder is the check that nothing is there, so nobody can come in between.
    fs::create_dir(folder).map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => NewError::Exists { path: folder.to_owned() },
        _ => cannot_write(folder)(cause),
    })?;
    for (path, text) in files {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(cannot_write(parent))?;
        fs::write(&path, text).map_err(cannot_write(&path))?;
    }
    Ok(())
}

fn say_what_to_type_next(name: &HandlerName, language: Language) -> io::Result<()> {
    let name = name.as_str();
    let mut out = io::stdout();
    writeln!(out, "made {name}/: the handler is in {name}/{}. Next:", language.source())?;
    writeln!(out, "  cd {name}")?;
    for line in language.build().lines() {
        writeln!(out, "  {}", line.replace("{{name}}", name))?;
    }
    writeln!(out, "  wasm-evq run {name}.wasm events.ndjson")?;
    if language != Language::Rust {
        writeln!(out, "{name}/README.md says where to get what that needs.")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_exists_is_left_alone() {
        let refused = make(&std::env::temp_dir(), &[]);
        assert!(matches!(refused, Err(NewError::Exists { .. })));
    }
}
