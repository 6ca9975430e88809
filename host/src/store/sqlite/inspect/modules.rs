//! What a module was: for whoever runs an attempt again.

use rusqlite::{Connection, OptionalExtension, Result, Row};

use super::row;
use crate::store::{ModuleId, RecordedModule};

const MODULES: &str = "
    SELECT module.id, handler.name, module.sha256, module.engine, module.limits, module.grants
    FROM module JOIN handler ON handler.id = module.handler_id
    ORDER BY module.id";

/// Every module that was registered.
pub fn all(connection: &Connection) -> Result<Vec<RecordedModule>> {
    connection.prepare(MODULES)?.query_map([], module)?.collect()
}

fn module(row: &Row<'_>) -> Result<RecordedModule> {
    Ok(RecordedModule {
        id: ModuleId(row.get(0)?),
        handler: row.get(1)?,
        sha256: row.get(2)?,
        engine: row.get(3)?,
        limits: row::limits(row, 4)?,
        grants: row::grants(row, 5)?,
    })
}

/// A module's bytes, as they were given.
pub fn bytes(connection: &Connection, sha256: &[u8; 32]) -> Result<Option<Vec<u8>>> {
    let find = "SELECT bytes FROM module_bytes WHERE sha256 = ?1";
    connection.query_row(find, [&sha256[..]], |row| row.get(0)).optional()
}
