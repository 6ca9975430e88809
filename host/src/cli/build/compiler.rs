//! Finds a Rust compiler that can make Wasm. Does not know what will be compiled.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::BuildError;

pub const TARGET: &str = "wasm32-unknown-unknown";

/// The script that can give a machine the target; there in a checkout, not in an installed crate.
const SET_UP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-sdk/set-up");

/// Which rustc compiles the handler.
#[derive(Debug, PartialEq, Eq)]
pub enum Compiler {
    /// The one that cargo takes by itself.
    Default,
    /// Another; what it compiles must not be mixed with the default one's.
    Other(PathBuf),
}

impl Compiler {
    /// The first that has the target, of: `$WASM_EVQ_RUSTC`, the default rustc as seen from `dir`
    /// (a `rust-toolchain.toml` counts), the one that `guest-sdk/set-up` made.
    pub fn find(dir: &Path) -> Result<Self, BuildError> {
        if let Some(chosen) = set(env::var_os("WASM_EVQ_RUSTC")) {
            let path = PathBuf::from(chosen);
            if !has_target(path.as_os_str(), dir) {
                return Err(BuildError::ChosenCompilerUnfit { path });
            }
            return Ok(Self::Other(path));
        }
        let default = set(env::var_os("RUSTC")).unwrap_or_else(|| "rustc".into());
        if has_target(&default, dir) {
            return Ok(Self::Default);
        }
        match made_by_set_up(env::var_os("XDG_DATA_HOME"), env::home_dir()) {
            Some(path) if has_target(path.as_os_str(), dir) => Ok(Self::Other(path)),
            _ => Err(BuildError::NoCompiler { set_up: set_up_script() }),
        }
    }
}

/// An empty variable is the same as none.
fn set(variable: Option<OsString>) -> Option<OsString> {
    variable.filter(|value| !value.is_empty())
}

fn has_target(rustc: &OsStr, dir: &Path) -> bool {
    let asked =
        Command::new(rustc).current_dir(dir).args(["--print", "target-libdir", "--target", TARGET]).output();
    // A rustc prints where the library would be, whether or not it is there.
    asked.is_ok_and(|said| {
        said.status.success() && holds_core(Path::new(String::from_utf8_lossy(&said.stdout).trim_ascii()))
    })
}

fn holds_core(libdir: &Path) -> bool {
    libdir.read_dir().is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libcore-") && name.ends_with(".rlib")
        })
    })
}

fn made_by_set_up(xdg_data_home: Option<OsString>, home: Option<PathBuf>) -> Option<PathBuf> {
    // The XDG specification: a path that is not absolute counts as not set.
    let data = xdg_data_home
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| home.map(|home| home.join(".local/share")))?;
    Some(data.join("wasm-evq/toolchain/bin/rustc"))
}

fn set_up_script() -> Option<PathBuf> {
    Path::new(SET_UP).canonicalize().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xdg_data_home_comes_before_home() {
        let path = made_by_set_up(Some("/data".into()), Some("/home/ada".into()));
        assert_eq!(path, Some("/data/wasm-evq/toolchain/bin/rustc".into()));
    }

    #[test]
    fn a_relative_xdg_data_home_counts_as_not_set() {
        let path = made_by_set_up(Some("data".into()), Some("/home/ada".into()));
        assert_eq!(path, Some("/home/ada/.local/share/wasm-evq/toolchain/bin/rustc".into()));
    }

    #[test]
    fn without_a_home_there_is_no_such_compiler() {
        assert_eq!(made_by_set_up(None, None), None);
    }

    #[test]
    fn a_program_that_is_not_there_has_no_target() {
        assert!(!has_target(OsStr::new("/does/not/exist/rustc"), Path::new(".")));
    }
}
