//! One owner a database: an OS lock on a file beside it, released by the kernel however we end.
//!
//! A file of its own, because opening and closing the database file itself would drop SQLite's
//! POSIX locks within this process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// Held as long as the store is open.
pub struct OwnerLock {
    _file: File,
}

impl OwnerLock {
    pub fn take(database: &Path) -> Result<Self, StoreError> {
        let path = beside(database);
        let failed = |e: std::io::Error| StoreError::Failed {
            path: database.to_owned(),
            reason: format!("the lock file {} cannot be used: {e}", path.display()),
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Owned { path: database.to_owned(), pid: read_pid(&mut file) });
            }
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
        write_pid(&mut file).map_err(failed)?;
        Ok(OwnerLock { _file: file })
    }
}

fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

/// The process id is only for the message; the lock is what counts.
fn write_pid(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}", std::process::id())
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
