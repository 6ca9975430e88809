//! Where a new crate gets the guest SDK from.

use std::path::{Path, PathBuf};

use super::NewError;

/// The SDK beside this program's sources; not there when the program was installed from crates.io.
const BESIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-sdk");

/// The version that belongs to this program.
const VERSION: &str = "0.1";

#[derive(Debug)]
pub enum Sdk {
    /// A folder; its whole path, as a new crate may lie anywhere.
    Folder(String),
    /// The crate as published.
    Published,
}

impl Sdk {
    /// The folder that was asked for, else the one beside this program's sources, else crates.io.
    pub fn find(asked: Option<&Path>) -> Result<Self, NewError> {
        match asked {
            Some(folder) => Self::in_folder(folder),
            None if is_sdk(Path::new(BESIDE)) => Self::in_folder(Path::new(BESIDE)),
            None => Ok(Self::Published),
        }
    }

    fn in_folder(folder: &Path) -> Result<Self, NewError> {
        if !is_sdk(folder) {
            return Err(NewError::NoSdk { path: folder.to_owned() });
        }
        let path: PathBuf = folder.canonicalize().map_err(|_| NewError::NoSdk { path: folder.to_owned() })?;
        path.into_os_string()
            .into_string()
            .map(Self::Folder)
            .map_err(|path| NewError::SdkPathNotUtf8 { path: path.into() })
    }

    /// The right-hand side of the dependency in Cargo.toml.
    pub fn requirement(&self) -> String {
        match self {
            // A JSON string is a TOML basic string: same quotes, same escapes.
            Self::Folder(path) => {
                format!("{{ path = {} }}", serde_json::Value::from(path.as_str()))
            }
            Self::Published => format!("\"{VERSION}\""),
        }
    }
}

fn is_sdk(folder: &Path) -> bool {
    std::fs::read_to_string(folder.join("Cargo.toml"))
        .is_ok_and(|manifest| manifest.contains("name = \"wasm-evq-guest\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_written_so_that_toml_reads_it_back() {
        let odd = Sdk::Folder("/a \"b\"\\c".to_owned());
        assert_eq!(odd.requirement(), r#"{ path = "/a \"b\"\\c" }"#);
    }

    #[test]
    fn the_published_one_is_a_version() {
        assert_eq!(Sdk::Published.requirement(), "\"0.1\"");
    }

    #[test]
    fn a_folder_without_the_sdk_is_refused() {
        assert!(matches!(Sdk::find(Some(Path::new("/"))), Err(NewError::NoSdk { .. })));
    }
}
