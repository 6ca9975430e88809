//! Schema versions: each file in `schema/` is one step, applied once, in order. What is missing is
//! applied in one transaction, so that a new database costs one commit however old the schema is.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::connection::failure;
use crate::store::StoreError;

const STEPS: [&str; 6] = [
    include_str!("schema/001_initial.sql"),
    include_str!("schema/002_what_an_attempt_depended_on.sql"),
    include_str!("schema/003_several_handlers.sql"),
    include_str!("schema/004_what_a_handler_was_granted.sql"),
    include_str!("schema/005_the_bytes_that_wait.sql"),
    include_str!("schema/006_what_a_handler_asked.sql"),
];

/// Marks the file as ours: "evq1" in ASCII.
const APPLICATION_ID: u32 = 0x6576_7131;

/// Brings the schema up to this program's version.
pub fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let sql = |e: rusqlite::Error| failure(path, &e);
    let found = version(connection).map_err(sql)?;
    let missing = STEPS.iter().skip(found as usize);
    if missing.len() == 0 {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
    for script in missing {
        transaction.execute_batch(script).map_err(sql)?;
    }
    transaction.pragma_update(None, "user_version", STEPS.len() as u32).map_err(sql)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(sql)?;
    transaction.commit().map_err(sql)
}

/// Whether an earlier version of this program made the file and none since has opened it to write.
pub fn is_outdated(connection: &Connection) -> rusqlite::Result<bool> {
    Ok((version(connection)? as usize) < STEPS.len())
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::store::sqlite::SqliteReader;
    use crate::store::sqlite::connection::{FileSettings, open_writer};
    use crate::store::sqlite::lock::OwnerLock;
    use crate::store::{AttemptDetail, Inspect, ResultFilter};

    const RESULT_OF_SCHEMA_1: &str = "
        INSERT INTO name VALUES (1, '/s'), (2, 't');
        INSERT INTO handler VALUES (1, 'h');
        INSERT INTO module VALUES (7, 1, zeroblob(32), 'engine');
        INSERT INTO event VALUES (1, 1, 'a', 2, 0, NULL, 5, '{}');
        INSERT INTO outcome VALUES (1, 1, 7, 0, 2, 30, 40, 50, 60, NULL, '[1]');
        INSERT INTO attempt VALUES (1, 1, 1, 7, 'failed', 'no', NULL, NULL, 3, 4, 5, 6);
        INSERT INTO event VALUES (2, 1, 'b', 2, 0, NULL, 5, '\"ü\"');
        INSERT INTO pending VALUES (2, 1, 0, 0, 0, 0, 0, 0);";

    fn database_of_schema_1(folder: &tempfile::TempDir) -> PathBuf {
        let path = folder.path().join("evq.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(STEPS[0]).unwrap();
        old.execute_batch(RESULT_OF_SCHEMA_1).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        path
    }

    fn assert_old_result_is_told(reader: &SqliteReader) {
        let mut outputs = Vec::new();
        let mut keep = |row: crate::store::ResultRow| {
            outputs.push((row.output, row.handler_sha256));
            std::ops::ControlFlow::Continue(())
        };
        reader.results(&ResultFilter::default(), &mut keep).unwrap();
        assert_eq!(outputs, [(crate::store::StoredOutput::Json("[1]".into()), "00".repeat(32))]);
        let attempts: Vec<AttemptDetail> =
            reader.events("a", None).unwrap().remove(0).deliveries.remove(0).attempts;
        let told: Vec<_> = attempts.iter().map(|a| (a.number, &*a.verdict, a.limits)).collect();
        assert_eq!(told, [(1, "failed", None), (2, "ok", None)], "limits were not kept then");
    }

    #[test]
    fn an_old_database_is_brought_up_to_date_with_its_results() {
        let folder = tempfile::tempdir().unwrap();
        let path = database_of_schema_1(&folder);
        let connection = open_writer(&path, &FileSettings::SHIPPED).unwrap();
        assert_eq!(version(&connection).unwrap() as usize, STEPS.len());
        let broken = "SELECT count(*) FROM pragma_foreign_key_check";
        assert_eq!(connection.query_row(broken, [], |row| row.get::<_, u32>(0)).unwrap(), 0);
        let bytes = "SELECT bytes FROM pending";
        assert_eq!(connection.query_row(bytes, [], |row| row.get::<_, u32>(0)).unwrap(), 4);
        assert_old_result_is_told(&SqliteReader::open(&path).unwrap());
    }

    #[test]
    fn an_old_database_is_brought_up_to_date_to_be_read_unless_it_is_owned() {
        let folder = tempfile::tempdir().unwrap();
        let path = database_of_schema_1(&folder);
        let lock = OwnerLock::take(&path).unwrap();
        assert!(matches!(SqliteReader::open(&path), Err(StoreError::Owned { .. })));
        drop(lock);
        assert_old_result_is_told(&SqliteReader::open(&path).unwrap());
    }
}
