//! Columns into the contract's types. Knows the order in which this room's queries name columns.

use rusqlite::types::{FromSqlError, Type, ValueRef};
use rusqlite::{Error, Result, Row};

use crate::clock::UnixMillis;
use crate::event::Figures;
use crate::grants::RecordedGrants;
use crate::limits::Limits;
use crate::store::{ResultStatus, StoredOutput};

/// A column that is never negative.
pub fn count(row: &Row<'_>, index: usize) -> Result<u64> {
    let number: i64 = row.get(index)?;
    u64::try_from(number).map_err(|_| {
        Error::FromSqlConversionFailure(index, Type::Integer, Box::new(FromSqlError::OutOfRange(number)))
    })
}

pub fn time(row: &Row<'_>, index: usize) -> Result<UnixMillis> {
    row.get(index).map(UnixMillis)
}

/// The columns `fuel, peak_memory_bytes, duration_us`, of which the first is at `index`.
pub fn figures(row: &Row<'_>, index: usize) -> Result<Figures> {
    Ok(Figures {
        fuel: count(row, index)?,
        peak_memory_bytes: count(row, index + 1)?,
        duration_us: count(row, index + 2)?,
    })
}

pub fn status(row: &Row<'_>, index: usize) -> Result<ResultStatus> {
    Ok(if row.get(index)? { ResultStatus::Dead } else { ResultStatus::Ok })
}

pub fn output(row: &Row<'_>, index: usize) -> Result<StoredOutput> {
    match row.get_ref(index)? {
        ValueRef::Null => Ok(StoredOutput::None),
        ValueRef::Blob(bytes) => Ok(StoredOutput::Bytes(bytes.to_owned())),
        // Numbers cannot be here unless a person put them there by hand.
        _ => row.get(index).map(StoredOutput::Json),
    }
}

/// Pairs of texts as JSON, or NULL for none: the level and text of logs, the name and value of headers.
pub fn pairs(row: &Row<'_>, index: usize) -> Result<Vec<(String, String)>> {
    let Some(json) = row.get::<_, Option<String>>(index)? else {
        return Ok(Vec::new());
    };
    serde_json::from_str(&json).map_err(|e| Error::FromSqlConversionFailure(index, Type::Text, Box::new(e)))
}

/// The limits of a module; `None` as well when another version of this program has other limits.
pub fn limits(row: &Row<'_>, index: usize) -> Result<Option<Limits>> {
    Ok(row.get::<_, Option<String>>(index)?.and_then(|json| Limits::from_json(&json)))
}

/// What a module was granted.
pub fn grants(row: &Row<'_>, index: usize) -> Result<RecordedGrants> {
    RecordedGrants::from_json(&row.get::<_, String>(index)?)
        .map_err(|e| Error::FromSqlConversionFailure(index, Type::Text, Box::new(e)))
}

pub fn hex_of(row: &Row<'_>, index: usize) -> Result<String> {
    row.get::<_, Vec<u8>>(index).map(hex::encode)
}
