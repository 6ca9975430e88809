//! Results page by page, the latest accepted first, with bounded work for each page.
//!
//! A filter may fit few of a million rows, and not every filter has an index. So a page looks at a
//! window of events at most, and says where the next page goes on.

use rusqlite::types::Value;
use rusqlite::{Connection, Result, params_from_iter};

use super::results::{Conditions, SELECT, result_row};
use crate::store::{EventSeq, HandlerId, PageFrom, ResultFilter, ResultKey, ResultPage};

/// Events that one page looks through.
const WINDOW_EVENTS: i64 = 50_000;

/// Outputs and errors of one page together, but for the one that passes it.
const PAGE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The primary key's order, backwards.
const WITHIN: &str = "(outcome.event_seq, outcome.handler_id) < (?, ?) AND outcome.event_seq > ?";
const ORDER: &str = "ORDER BY outcome.event_seq DESC, outcome.handler_id DESC LIMIT ?";

pub fn page(
    connection: &Connection,
    filter: &ResultFilter,
    from: PageFrom,
    rows_max: u32,
) -> Result<ResultPage> {
    let before = match from {
        PageFrom::After(key) => key,
        PageFrom::Latest => after_all(connection)?,
    };
    let floor = before.event.0.saturating_sub(WINDOW_EVENTS).max(0);
    let bounds = [before.event.0, before.handler.0, floor].map(Value::from);
    let conditions = Conditions::of(filter);
    let mut statement = connection.prepare_cached(&query(&conditions))?;
    let values = bounds.into_iter().chain(conditions.values(Some(u64::from(rows_max))));
    let mut found = statement.query(params_from_iter(values))?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        let key = ResultKey { event: EventSeq(row.get(13)?), handler: HandlerId(row.get(14)?) };
        let result = result_row(row)?;
        bytes += result.output.len_bytes() + result.error.as_ref().map_or(0, String::len);
        rows.push(result);
        if rows.len() == rows_max as usize || bytes > PAGE_BYTES_MAX {
            return Ok(ResultPage { rows, next: Some(key) });
        }
    }
    let end = ResultKey { event: EventSeq(floor + 1), handler: HandlerId(0) };
    Ok(ResultPage { rows, next: (floor > 0).then_some(end) })
}

fn after_all(connection: &Connection) -> Result<ResultKey> {
    let last: Option<i64> =
        connection.query_row("SELECT max(event_seq) FROM outcome", [], |row| row.get(0))?;
    Ok(ResultKey { event: EventSeq(last.unwrap_or(0) + 1), handler: HandlerId(0) })
}

fn query(conditions: &Conditions) -> String {
    format!("{SELECT} WHERE {WITHIN} AND {} {ORDER}", conditions.sql())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::{Clock, UnixMillis};
    use crate::store::ResultStatus;
    use crate::store::sqlite::{SqliteReader, SqliteStore};

    /// Whatever the filter, a page walks its window of outcomes and sorts nothing.
    #[test]
    fn a_page_reads_its_window_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("evq.db");
        let _owner = SqliteStore::open(&path, Arc::new(Clock::System)).unwrap();
        let reader = SqliteReader::open(&path).unwrap();
        let text = || Some("x".to_owned());
        let (since, until) = (Some(UnixMillis(0)), Some(UnixMillis(9)));
        let none = ResultFilter::default;
        for filter in [
            none(),
            ResultFilter { status: Some(ResultStatus::Dead), ..none() },
            ResultFilter { type_: text(), ..none() },
            ResultFilter { status: Some(ResultStatus::Dead), handler: text(), ..none() },
            ResultFilter { since, until, error_contains: text(), ..none() },
        ] {
            let plan = reader.plan(&query(&Conditions::of(&filter)));
            let walk = plan.lines().find(|step| step.starts_with("SEARCH outcome USING ")).unwrap();
            assert!(walk.contains("event_seq>?") || walk.contains("event_seq<?"), "{filter:?}: {plan}");
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
        }
    }
}
