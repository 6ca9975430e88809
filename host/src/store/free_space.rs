//! How much room is left on the disk that a database is on.

use std::path::{Path, PathBuf};

#[derive(Debug, Clone)]
pub struct FreeSpace {
    folder: PathBuf,
}

impl FreeSpace {
    /// A database that is there already may be a link to another disk.
    pub fn beside(database: &Path) -> Self {
        let real = database.canonicalize().unwrap_or_else(|_| database.to_owned());
        let folder = real.parent().filter(|parent| !parent.as_os_str().is_empty());
        FreeSpace { folder: folder.unwrap_or(Path::new(".")).to_owned() }
    }

    /// What may still be written. A disk that cannot be asked is taken for empty: the database itself
    /// says when it is full.
    pub fn bytes(&self) -> u64 {
        let found = rustix::fs::statvfs(&self.folder);
        found.map_or(u64::MAX, |found| found.f_bavail.saturating_mul(found.f_frsize))
    }
}
