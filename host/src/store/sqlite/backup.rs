//! A whole copy of a database as it is at one moment, beside whoever owns and changes it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use tempfile::TempPath;

use super::connection::{failure, open_reader};
use super::migrate;
use crate::store::StoreError;

/// Pages between two looks at how far it is: 1 MiB.
const STEP_PAGES: i32 = 256;

/// How far a copy has come.
#[derive(Debug, Clone, Copy)]
pub struct Copied {
    pub pages: u64,
    pub pages_all: u64,
}

/// A copy that was checked.
#[derive(Debug, Clone, Copy)]
pub struct CopyFacts {
    pub bytes: u64,
    pub events: u64,
}

/// Copies the database `from` into the new file `to`, which is there only once it is whole, checked
/// and on the disk.
///
/// # Errors
/// When `to` is there already, there is no room, or the copy is not sound.
pub fn back_up(from: &Path, to: &Path, each: &mut dyn FnMut(Copied)) -> Result<CopyFacts, StoreError> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |e: io::Error| StoreError::Failed { path: to.to_owned(), reason: e.to_string() };
    let source = open_reader(from)?;
    let place = tempfile::Builder::new().prefix(".wasm-evq-backup-").tempfile_in(folder).map_err(failed)?;
    let place = place.into_temp_path();
    copy(&source, from, &place, each)?;
    let events = check(&place)?;
    let bytes = settle_down(place, to, folder).map_err(failed)?;
    Ok(CopyFacts { bytes, events })
}

/// One transaction holds the moment: without it every change of the owner's would begin the copy anew.
fn copy(
    source: &Connection,
    from: &Path,
    place: &Path,
    each: &mut dyn FnMut(Copied),
) -> Result<(), StoreError> {
    let (of_source, of_copy) = (|e| failure(from, &e), |e| failure(place, &e));
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema").map_err(of_source)?;
    let mut copy = Connection::open(place).map_err(of_copy)?;
    // Until it is whole it is worth nothing, so it need not survive anything.
    copy.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF").map_err(of_copy)?;
    let backup = Backup::new(source, &mut copy).map_err(of_copy)?;
    loop {
        let step = backup.step(STEP_PAGES).map_err(of_copy)?;
        let progress = backup.progress();
        let pages = |count: i32| u64::try_from(count).unwrap_or(0);
        let pages_all = pages(progress.pagecount);
        each(Copied { pages: pages_all - pages(progress.remaining).min(pages_all), pages_all });
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => {
                let reason = "another program holds it locked; try again".into();
                return Err(StoreError::Failed { path: from.to_owned(), reason });
            }
        }
    }
}

/// Opens the copy as anybody would, looks it through, and makes one file of it. Returns its events.
fn check(place: &Path) -> Result<u64, StoreError> {
    let failed = |e| failure(place, &e);
    let copy = Connection::open(place).map_err(failed)?;
    migrate::check_schema(&copy, place)?;
    copy.pragma_update(None, "journal_mode", "DELETE").map_err(failed)?;
    let found: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if found != "ok" {
        let reason = format!("the copy is not sound, so the database may not be either: {found}");
        return Err(StoreError::Failed { path: place.to_owned(), reason });
    }
    let events: i64 = copy.query_row("SELECT count(*) FROM event", [], |row| row.get(0)).map_err(failed)?;
    Ok(events.unsigned_abs())
}

/// Under its own name only once it is on the disk; returns its size.
fn settle_down(place: TempPath, to: &Path, folder: &Path) -> io::Result<u64> {
    let file = File::open(&place)?;
    file.sync_all()?;
    let bytes = file.metadata()?.len();
    place.persist_noclobber(PathBuf::from(to)).map_err(|e| e.error)?;
    File::open(folder)?.sync_all()?;
    Ok(bytes)
}
