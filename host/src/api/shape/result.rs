//! A result as one JSON object.

use std::io;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::OutputJson;
use crate::store::ResultRow;

/// How an event ended for a handler: the columns of the view `results`, in its order and by its names.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultJson {
    event_id: String,
    source: String,
    #[serde(rename = "type")]
    type_: String,
    handler: String,
    handler_sha256: String,
    /// `ok` or `dead`.
    #[schema(value_type = String, pattern = "^(ok|dead)$")]
    status: &'static str,
    #[serde(flatten)]
    output: OutputJson,
    /// Why it is dead.
    #[schema(required = true)]
    error: Option<String>,
    attempts: u32,
    /// Of the last attempt, about one unit an instruction.
    fuel: u64,
    peak_memory_bytes: u64,
    duration_us: u64,
    finished_at: String,
}

/// How an event ended: at the one handler it went to, or at each of them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SettledJson {
    One(Box<ResultJson>),
    Several(EachResultJson),
}

/// How an event ended at each of several handlers.
#[derive(Debug, Serialize, ToSchema)]
pub struct EachResultJson {
    results: Vec<ResultJson>,
}

impl SettledJson {
    /// # Errors
    /// As [`ResultJson::of`].
    pub fn of(rows: &[Arc<ResultRow>]) -> io::Result<Self> {
        if let [row] = rows {
            return Ok(SettledJson::One(Box::new(ResultJson::of(row)?)));
        }
        let results = rows.iter().map(|row| ResultJson::of(row)).collect::<io::Result<_>>()?;
        Ok(SettledJson::Several(EachResultJson { results }))
    }
}

impl ResultJson {
    /// # Errors
    /// When the stored output is not JSON, which the store never holds.
    pub fn of(row: &ResultRow) -> io::Result<Self> {
        Ok(ResultJson {
            event_id: row.event_id.clone(),
            source: row.source.clone(),
            type_: row.type_.clone(),
            handler: row.handler.clone(),
            handler_sha256: row.handler_sha256.clone(),
            status: row.status.as_str(),
            output: OutputJson::of(&row.output)?,
            error: row.error.clone(),
            attempts: row.attempts,
            fuel: row.figures.fuel,
            peak_memory_bytes: row.figures.peak_memory_bytes,
            duration_us: row.figures.duration_us,
            finished_at: row.finished_at.to_string(),
        })
    }
}
