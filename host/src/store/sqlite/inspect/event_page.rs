//! Events page by page, the latest accepted first, with bounded work for each page.
//!
//! The filter says which table leads: the few events with an id, those that wait, those that are dead, those
//! that nobody had, or else a window of all events.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Result, Row, params, params_from_iter};

use super::row;
use crate::store::{DeliveryRow, EventFilter, EventPage, EventRow, EventSeq, EventState};

/// Rows of the leading table that one page looks through.
const WINDOW_ROWS: i64 = 50_000;

const SELECT: &str = "
    SELECT event.seq, event.id, source.text, type.text, event.accepted_at_ms
    FROM event
    CROSS JOIN name AS source ON source.id = event.source_id
    CROSS JOIN name AS type ON type.id = event.type_id";

const DELIVERIES: &str = "
    SELECT handler.id, handler.name, 'pending', pending.leased, NULL
    FROM pending JOIN handler ON handler.id = pending.handler_id WHERE pending.event_seq = ?1
    UNION ALL
    SELECT handler.id, handler.name, 'settled', outcome.dead, outcome.error
    FROM outcome JOIN handler ON handler.id = outcome.handler_id WHERE outcome.event_seq = ?1
    ORDER BY 1";

/// Between which numbers a page looks, both outside.
struct Window {
    before: i64,
    after: i64,
}

/// The table whose rows are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    Identity,
    Waiting,
    Dead,
    Unmatched,
    All,
}

impl Lead {
    fn of(filter: &EventFilter) -> Self {
        match (&filter.id, filter.state) {
            (Some(_), _) => Lead::Identity,
            (None, Some(EventState::Unsettled)) => Lead::Waiting,
            (None, Some(EventState::Dead)) => Lead::Dead,
            (None, Some(EventState::Unmatched)) => Lead::Unmatched,
            (None, _) => Lead::All,
        }
    }

    /// The condition that makes SQLite walk that table; it binds the window's two ends.
    fn sql(self) -> &'static str {
        match self {
            Lead::Identity => {
                "event.seq IN (SELECT seq FROM name CROSS JOIN event AS known
                     ON known.source_id = name.id AND known.id = ?3)
                 AND +event.seq < ?1 AND +event.seq > ?2"
            }
            Lead::Waiting => {
                "event.seq IN (SELECT event_seq FROM pending WHERE event_seq < ?1 AND event_seq > ?2)"
            }
            Lead::Dead => {
                "event.seq IN (SELECT outcome.event_seq FROM handler CROSS JOIN outcome
                     ON outcome.handler_id = handler.id AND outcome.dead = 1
                     AND outcome.event_seq < ?1 AND outcome.event_seq > ?2)"
            }
            Lead::Unmatched => {
                "event.seq IN (SELECT event_seq FROM unmatched WHERE event_seq < ?1 AND event_seq > ?2)"
            }
            Lead::All => "event.seq < ?1 AND event.seq > ?2",
        }
    }

    /// The number above which [`WINDOW_ROWS`] rows lie before `before`; 0 when there are fewer.
    fn floor(self, connection: &Connection, before: i64) -> Result<i64> {
        match self {
            Lead::Identity => Ok(0),
            Lead::All => Ok(before.saturating_sub(WINDOW_ROWS + 1).max(0)),
            Lead::Waiting => last_in_window(connection, "pending", before),
            Lead::Unmatched => last_in_window(connection, "unmatched", before),
            Lead::Dead => {
                let query =
                    "SELECT event_seq FROM outcome WHERE handler_id = ?3 AND dead = 1 AND event_seq < ?1
                             ORDER BY event_seq DESC LIMIT 1 OFFSET ?2";
                let mut handlers = connection.prepare("SELECT id FROM handler")?;
                let handlers =
                    handlers.query_map([], |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>>>()?;
                let floors = handlers.into_iter().map(|handler| {
                    optional(connection.prepare_cached(query)?, params![before, WINDOW_ROWS, handler])
                });
                floors.collect::<Result<Vec<_>>>().map(|floors| floors.into_iter().max().unwrap_or(0))
            }
        }
    }
}

fn last_in_window(connection: &Connection, table: &str, before: i64) -> Result<i64> {
    let query = format!(
        "SELECT event_seq FROM {table} WHERE event_seq < ?1 ORDER BY event_seq DESC LIMIT 1 OFFSET ?2"
    );
    optional(connection.prepare_cached(&query)?, params![before, WINDOW_ROWS])
}

fn optional(mut statement: rusqlite::CachedStatement<'_>, values: impl rusqlite::Params) -> Result<i64> {
    statement.query_row(values, |row| row.get(0)).optional().map(Option::unwrap_or_default)
}

pub fn page(
    connection: &Connection,
    filter: &EventFilter,
    before: Option<EventSeq>,
    rows_max: u32,
) -> Result<EventPage> {
    let lead = Lead::of(filter);
    let before = before.map_or(i64::MAX, |seq| seq.0).min(after_all(connection)?);
    let window = Window { before, after: lead.floor(connection, before)? };
    let (sql, values) = query(lead, filter, &window, rows_max);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows =
        statement.query_map(params_from_iter(values), event_row)?.collect::<Result<Vec<EventRow>>>()?;
    for event in &mut rows {
        event.deliveries = deliveries(connection, event.seq)?;
    }
    let is_full = rows.len() == rows_max as usize;
    let end = (window.after > 0).then_some(EventSeq(window.after + 1));
    let next = rows.last().map(|row| row.seq).filter(|_| is_full).or(end);
    Ok(EventPage { rows, next })
}

fn after_all(connection: &Connection) -> Result<i64> {
    connection.query_row("SELECT ifnull(max(seq), 0) + 1 FROM event", [], |row| row.get(0))
}

/// The query and what it binds, in the order of its numbers.
fn query(lead: Lead, filter: &EventFilter, window: &Window, rows_max: u32) -> (String, Vec<Value>) {
    let mut conditions = vec![lead.sql().to_owned()];
    let mut values = vec![Value::from(window.before), Value::from(window.after)];
    if let Some(id) = &filter.id {
        values.push(Value::from(id.clone()));
    }
    let given = [
        ("event.source_id = (SELECT id FROM name WHERE text = ?)", &filter.source),
        ("event.type_id = (SELECT id FROM name WHERE text = ?)", &filter.type_),
        (
            "(SELECT id FROM handler WHERE name = ?) IN (
                SELECT handler_id FROM pending WHERE event_seq = event.seq
                UNION ALL SELECT handler_id FROM outcome WHERE event_seq = event.seq)",
            &filter.handler,
        ),
    ];
    for (sql, value) in given {
        let Some(value) = value else { continue };
        values.push(Value::from(value.clone()));
        conditions.push(sql.replace('?', &format!("?{}", values.len())));
    }
    conditions.extend(filter.state.map(|state| condition(state).to_owned()));
    values.push(Value::from(rows_max));
    let all = conditions.join(" AND ");
    (format!("{SELECT} WHERE {all} ORDER BY event.seq DESC LIMIT ?{}", values.len()), values)
}

fn condition(state: EventState) -> &'static str {
    match state {
        EventState::Unsettled => "EXISTS (SELECT 1 FROM pending WHERE event_seq = event.seq)",
        EventState::Ok => "EXISTS (SELECT 1 FROM outcome WHERE event_seq = event.seq AND dead = 0)",
        EventState::Dead => "EXISTS (SELECT 1 FROM outcome WHERE event_seq = event.seq AND dead = 1)",
        EventState::Unmatched => "EXISTS (SELECT 1 FROM unmatched WHERE event_seq = event.seq)",
    }
}

fn event_row(row: &Row<'_>) -> Result<EventRow> {
    Ok(EventRow {
        seq: EventSeq(row.get(0)?),
        id: row.get(1)?,
        source: row.get(2)?,
        type_: row.get(3)?,
        accepted_at: row::time(row, 4)?,
        deliveries: Vec::new(),
    })
}

fn deliveries(connection: &Connection, event: EventSeq) -> Result<Vec<DeliveryRow>> {
    let mut statement = connection.prepare_cached(DELIVERIES)?;
    let rows = statement.query_map([event.0], |row| {
        let is_settled = row.get_ref(2)?.as_str()? == "settled";
        let state = match (is_settled, row.get(3)?) {
            (false, false) => "pending",
            (false, true) => "leased",
            (true, false) => "ok",
            (true, true) => "dead",
        };
        Ok(DeliveryRow { handler: row.get(1)?, state, error: row.get(4)? })
    })?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::Clock;
    use crate::store::sqlite::{SqliteReader, SqliteStore};

    /// Whatever the filter, no page walks all events, and none sorts more than its window.
    #[test]
    fn a_page_is_led_by_the_table_that_its_filter_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("evq.db");
        let _owner = SqliteStore::open(&path, Arc::new(Clock::System)).unwrap();
        let reader = SqliteReader::open(&path).unwrap();
        let state = |state| EventFilter { state: Some(state), ..EventFilter::default() };
        let id = EventFilter { id: Some("a".into()), ..EventFilter::default() };
        for (filter, walk) in [
            (EventFilter::default(), "SEARCH event USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
            (state(EventState::Ok), "SEARCH event USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
            (state(EventState::Unsettled), "SEARCH pending USING PRIMARY KEY (event_seq>? AND event_seq<?)"),
            (
                state(EventState::Dead),
                "SEARCH outcome USING COVERING INDEX outcome_dead (handler_id=? AND event_seq>? AND event_seq<?)",
            ),
            (
                state(EventState::Unmatched),
                "SEARCH unmatched USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
            ),
            (id, "SEARCH known USING COVERING INDEX event_identity (source_id=? AND id=?)"),
        ] {
            let window = Window { before: 9, after: 0 };
            let (sql, _) = query(Lead::of(&filter), &filter, &window, 5);
            let plan = reader.plan(&sql);
            assert!(plan.contains(walk), "{filter:?}: {plan}");
            assert!(!plan.contains("SCAN event") && !plan.contains("SCAN outcome"), "{filter:?}: {plan}");
        }
    }
}
