//! The store on a disk that fails: power cuts, and system calls that do not succeed.
//!
//! The store is the shipped one, from its opening to its group commit. Below SQLite lies a thin layer
//! ([`vfs`]) that forwards to SQLite's own, keeps the books of what is certain on the disk
//! ([`platter`]), and fails when a test says so ([`disk`]).

mod disk;
mod file;
mod group;
mod ledger;
mod platter;
mod power;
mod sectors;
mod session;
mod system_calls;
mod tests;
mod vfs;
mod workload;

use std::fs;
use std::path::Path;

use self::platter::Image;

/// Lays these files into a folder, as all that is there of a database.
fn write_image(folder: &Path, image: &Image) {
    fs::create_dir_all(folder).unwrap();
    for old in ["evq.db", "evq.db-wal", "evq.db-shm", "evq.db-journal"] {
        // Most are not there.
        let _ = fs::remove_file(folder.join(old));
    }
    for (name, bytes) in image {
        fs::write(folder.join(name), bytes).unwrap();
    }
}
