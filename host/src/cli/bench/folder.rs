//! The bench's own folder on the disk to be measured: made, filled, removed, on Ctrl-C too.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::cli::Failure;

/// 128 and the number of SIGINT, as shells say it.
const INTERRUPTED: i32 = 130;

pub struct Folder(TempDir);

impl Folder {
    pub fn make_in(dir: &Path) -> Result<Self, Failure> {
        let made = tempfile::Builder::new().prefix("wasm-evq-bench-").tempdir_in(dir);
        let folder = made.map_err(|e| Failure::usage(format!("cannot write in {}: {e}", dir.display())))?;
        remove_when_interrupted(folder.path().to_owned())?;
        Ok(Folder(folder))
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A folder for one measurement: removed with what is in it, so that no later one finds the disk
    /// fuller.
    pub fn for_one(&self) -> Result<TempDir, Failure> {
        TempDir::new_in(self.0.path())
            .map_err(|e| Failure::work(format!("cannot make a folder in {}: {e}", self.0.path().display())))
    }
}

fn remove_when_interrupted(folder: PathBuf) -> Result<(), Failure> {
    let refused = |e: std::io::Error| Failure::work(format!("signals cannot be caught: {e}"));
    let signals = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(refused)?;
    let wait = move || {
        if signals.block_on(tokio::signal::ctrl_c()).is_ok() {
            // What is left when this fails is named after the program, for a person to see.
            let _ = std::fs::remove_dir_all(folder);
            std::process::exit(INTERRUPTED);
        }
    };
    std::thread::Builder::new().name("evq-interrupt".into()).spawn(wait).map(drop).map_err(refused)
}
