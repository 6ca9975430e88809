//! Schema versions: each file in `schema/` is one step, applied once, in order, each in its own
//! transaction.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::connection::failure;
use crate::store::StoreError;

const STEPS: [&str; 1] = [include_str!("schema/001_initial.sql")];

/// Marks the file as ours: "evq1" in ASCII.
const APPLICATION_ID: u32 = 0x6576_7131;

/// Brings the schema up to this program's version.
pub fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let sql = |e: rusqlite::Error| failure(path, &e);
    let found = version(connection).map_err(sql)?;
    for (step, script) in STEPS.iter().enumerate().skip(found as usize) {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
        transaction.execute_batch(script).map_err(sql)?;
        transaction.pragma_update(None, "user_version", step as u32 + 1).map_err(sql)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(sql)?;
        transaction.commit().map_err(sql)?;
    }
    Ok(())
}

/// Refuses another program's file, and one of a version this program does not know.
pub fn check_is_ours_or_new(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    match version(connection).map_err(|e| failure(path, &e))? {
        0 => check_empty(connection, path),
        _ => check_schema(connection, path),
    }
}

/// Whether the file is ours and of a version this program knows.
pub fn check_schema(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let sql = |e: rusqlite::Error| failure(path, &e);
    let application: u32 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(sql)?;
    if application != APPLICATION_ID {
        return Err(foreign(path, "it was made by another program"));
    }
    let (found, known) = (version(connection).map_err(sql)?, STEPS.len() as u32);
    if found > known {
        return Err(StoreError::TooNew { path: path.to_owned(), found, known });
    }
    Ok(())
}

/// A file without our mark is taken only when nothing is in it.
fn check_empty(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let tables: u32 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|e| failure(path, &e))?;
    if tables > 0 {
        return Err(foreign(path, "it holds another program's tables"));
    }
    Ok(())
}

fn foreign(path: &Path, reason: &str) -> StoreError {
    StoreError::Foreign { path: path.to_owned(), reason: reason.to_owned() }
}

fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
