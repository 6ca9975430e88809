//! Results that fit a filter, row by row.

use std::ops::ControlFlow;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Result, Row, params_from_iter};

use super::row;
use crate::store::{ResultFilter, ResultRow, ResultStatus};

pub const SELECT: &str = "
    SELECT event.id, source.text, type.text, handler.name, module.sha256, outcome.dead,
           outcome.output, outcome.error, outcome.attempts,
           outcome.fuel, outcome.peak_memory_bytes, outcome.duration_us, outcome.finished_at_ms,
           outcome.event_seq, outcome.handler_id
    FROM outcome
    JOIN event ON event.seq = outcome.event_seq
    JOIN name AS source ON source.id = event.source_id
    JOIN name AS type ON type.id = event.type_id
    JOIN handler ON handler.id = outcome.handler_id
    JOIN module ON module.id = outcome.module_id";

/// The primary key's order: no sorting, so the first row comes at once.
const ORDER: &str = "ORDER BY outcome.event_seq, outcome.handler_id LIMIT ?";

/// Calls `each` for every result that fits, oldest event first, until it breaks.
pub fn for_each(
    connection: &Connection,
    filter: &ResultFilter,
    each: &mut dyn FnMut(ResultRow) -> ControlFlow<()>,
) -> Result<()> {
    let conditions = Conditions::of(filter);
    let mut statement = connection.prepare(&format!("{SELECT} WHERE {} {ORDER}", conditions.sql()))?;
    let mut rows = statement.query(params_from_iter(conditions.values(filter.limit)))?;
    while let Some(row) = rows.next()? {
        if each(result_row(row)?).is_break() {
            break;
        }
    }
    Ok(())
}

/// The result of one event for one handler.
pub fn one(connection: &Connection, source: &str, id: &str, handler: &str) -> Result<Option<ResultRow>> {
    let query = format!(
        "{SELECT} WHERE outcome.event_seq = (
            SELECT seq FROM event WHERE source_id = (SELECT id FROM name WHERE text = ?1) AND id = ?2
        ) AND outcome.handler_id = (SELECT id FROM handler WHERE name = ?3)"
    );
    connection.prepare_cached(&query)?.query_row([source, id, handler], result_row).optional()
}

pub fn result_row(row: &Row<'_>) -> Result<ResultRow> {
    Ok(ResultRow {
        event_id: row.get(0)?,
        source: row.get(1)?,
        type_: row.get(2)?,
        handler: row.get(3)?,
        handler_sha256: row::hex_of(row, 4)?,
        status: row::status(row, 5)?,
        output: row::output(row, 6)?,
        error: row.get(7)?,
        attempts: row.get(8)?,
        figures: row::figures(row, 9)?,
        finished_at: row::time(row, 12)?,
    })
}

/// Fixed pieces of SQL with the value that each one binds, if it binds one.
pub struct Conditions(Vec<(&'static str, Option<Value>)>);

impl Conditions {
    /// One piece for each part of the filter that is given, so that SQLite can plan for it.
    pub fn of(filter: &ResultFilter) -> Self {
        let text = |text: &Option<String>| text.clone().map(|text| Some(Value::from(text)));
        let parts = [
            ("outcome.dead = 1", (filter.status == Some(ResultStatus::Dead)).then_some(None)),
            ("outcome.dead = 0", (filter.status == Some(ResultStatus::Ok)).then_some(None)),
            ("event.type_id = (SELECT id FROM name WHERE text = ?)", text(&filter.type_)),
            ("outcome.handler_id = (SELECT id FROM handler WHERE name = ?)", text(&filter.handler)),
            ("outcome.finished_at_ms >= ?", filter.since.map(|at| Some(Value::from(at.0)))),
            ("outcome.finished_at_ms < ?", filter.until.map(|at| Some(Value::from(at.0)))),
            ("instr(outcome.error, ?) > 0", text(&filter.error_contains)),
            ("outcome.error = ?", text(&filter.error_is)),
        ];
        Conditions(parts.into_iter().filter_map(|(sql, value)| Some((sql, value?))).collect())
    }

    /// All pieces together, as one condition.
    pub fn sql(&self) -> String {
        let conditions: Vec<_> = self.0.iter().map(|(sql, _)| *sql).collect();
        if conditions.is_empty() { "1".to_owned() } else { conditions.join(" AND ") }
    }

    /// What the query binds, in order; the limit is last, and negative means none.
    pub fn values(self, limit: Option<u64>) -> impl Iterator<Item = Value> {
        let limit = limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        self.0.into_iter().filter_map(|(_, value)| value).chain([Value::from(limit)])
    }
}
