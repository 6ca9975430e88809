//! A module's numbers, and its bytes: written before its first attempt, never on the hot road.

use rusqlite::{Connection, Result, params};

use crate::store::{Activity, HandlerId, ModuleId, ModuleIdentity, Registered};

/// Gives a module its numbers and keeps its bytes unless they are there.
pub fn register(tx: &Connection, module: &ModuleIdentity, bytes: &[u8]) -> Result<Registered> {
    let (handler, activity) = handler(tx, &module.handler)?;
    let module_id = module_id(tx, handler, module)?;
    keep_bytes(tx, &module.sha256, bytes)?;
    Ok(Registered { handler: HandlerId(handler), module: ModuleId(module_id), activity })
}

/// Remembers whether a handler's events are to be run.
pub fn set_activity(tx: &Connection, handler: HandlerId, activity: Activity) -> Result<()> {
    let is_paused = activity == Activity::Paused;
    tx.execute("UPDATE handler SET paused = ?2 WHERE id = ?1", params![handler.0, is_paused]).map(drop)
}

fn handler(tx: &Connection, name: &str) -> Result<(i64, Activity)> {
    tx.execute("INSERT INTO handler (name) VALUES (?1) ON CONFLICT DO NOTHING", [name])?;
    tx.query_row("SELECT id, paused FROM handler WHERE name = ?1", [name], |row| {
        Ok((row.get(0)?, if row.get(1)? { Activity::Paused } else { Activity::Running }))
    })
}

fn module_id(tx: &Connection, handler: i64, module: &ModuleIdentity) -> Result<i64> {
    let ModuleIdentity { sha256, engine, limits, grants, .. } = module;
    let identity = params![handler, &sha256[..], engine, limits.to_json(), grants.to_json()];
    tx.execute(
        "INSERT INTO module (handler_id, sha256, engine, limits, grants) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT DO NOTHING",
        identity,
    )?;
    tx.query_row(
        "SELECT id FROM module \
         WHERE handler_id = ?1 AND sha256 = ?2 AND engine = ?3 AND limits = ?4 AND grants = ?5",
        identity,
        |row| row.get(0),
    )
}

/// Looks first: the bytes can be many, and all but the first time they are there.
fn keep_bytes(tx: &Connection, sha256: &[u8; 32], bytes: &[u8]) -> Result<()> {
    let is_kept: bool =
        tx.query_row("SELECT EXISTS (SELECT 1 FROM module_bytes WHERE sha256 = ?1)", [&sha256[..]], |row| {
            row.get(0)
        })?;
    if !is_kept {
        tx.execute("INSERT INTO module_bytes (sha256, bytes) VALUES (?1, ?2)", params![&sha256[..], bytes])?;
    }
    Ok(())
}
