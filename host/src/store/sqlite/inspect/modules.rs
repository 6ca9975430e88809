//! What a module was: for whoever runs an attempt again.

use rusqlite::{Connection, OptionalExtension, Result};

/// A module's bytes, as they were given.
pub fn bytes(connection: &Connection, sha256: &[u8; 32]) -> Result<Option<Vec<u8>>> {
    let find = "SELECT bytes FROM module_bytes WHERE sha256 = ?1";
    connection.query_row(find, [&sha256[..]], |row| row.get(0)).optional()
}
