//! What cargo knows about the crate in a folder.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::BuildError;

/// A crate that builds a cdylib, so it may well be a handler.
#[derive(Debug)]
pub struct Package {
    pub name: String,
    pub dir: PathBuf,
    pub manifest: PathBuf,
    /// The manifest that may hold profiles: only the workspace's root counts for cargo.
    pub root_manifest: PathBuf,
    pub target_dir: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Listed>,
    target_directory: PathBuf,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    crate_types: Vec<String>,
}

impl Package {
    /// The crate whose Cargo.toml lies in `dir`.
    pub fn find(dir: &Path) -> Result<Self, BuildError> {
        let manifest = dir
            .join("Cargo.toml")
            .canonicalize()
            .map_err(|_| BuildError::NoManifest { dir: dir.to_owned() })?;
        let metadata = Metadata::ask_cargo(&manifest)?;
        let listed = metadata
            .packages
            .iter()
            .find(|listed| listed.is_at(&manifest))
            .ok_or_else(|| BuildError::NotAPackage { dir: dir.to_owned() })?;
        if !listed.builds_cdylib() {
            return Err(BuildError::NotACdylib { name: listed.name.clone(), manifest });
        }
        Ok(Self {
            name: listed.name.clone(),
            dir: manifest.parent().map(Path::to_owned).unwrap_or_default(),
            manifest,
            root_manifest: metadata.workspace_root.join("Cargo.toml"),
            target_dir: metadata.target_directory,
        })
    }
}

impl Metadata {
    fn ask_cargo(manifest: &Path) -> Result<Self, BuildError> {
        let said = Command::new(cargo())
            .args(["metadata", "--format-version=1", "--no-deps", "--quiet", "--manifest-path"])
            .arg(manifest)
            .stderr(Stdio::inherit())
            .output()
            .map_err(cannot_run_cargo)?;
        let read = if said.status.success() { serde_json::from_slice(&said.stdout).ok() } else { None };
        read.ok_or_else(|| BuildError::BadManifest { manifest: manifest.to_owned() })
    }
}

impl Listed {
    /// Cargo may name the file through a symbolic link: the real paths are compared.
    fn is_at(&self, manifest: &Path) -> bool {
        self.manifest_path.canonicalize().is_ok_and(|path| path == manifest)
    }

    fn builds_cdylib(&self) -> bool {
        self.targets.iter().any(|target| target.crate_types.iter().any(|kind| kind == "cdylib"))
    }
}

/// Cargo names itself to what it runs; else the one on PATH.
pub fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

pub fn cannot_run_cargo(cause: std::io::Error) -> BuildError {
    BuildError::CannotRun { program: cargo().to_string_lossy().into_owned(), cause }
}
