//! `wasm-evq results`: what became of the events, as a table, JSON lines or CSV.
//!
//! Rows are printed as they are read: a million results need no memory.

mod csv;
mod json;
mod table;

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use super::{Failure, output};
use crate::clock::UnixMillis;
use crate::config::parse_moment;
use crate::store::sqlite::SqliteReader;
use crate::store::{Inspect, ResultFilter, ResultRow, ResultStatus};

use self::csv::CsvRows;
pub use self::json::JsonRows;
pub use self::table::TableRows;

/// List results.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  wasm-evq results --status dead --since 1h
  wasm-evq results --type order.paid --json | jq .output
  wasm-evq results --csv > results.csv")]
pub struct ResultsArgs {
    /// The database
    #[arg(long, value_name = "PATH", default_value = "evq.db")]
    pub db: PathBuf,

    /// Only results that ended so
    #[arg(long, value_name = "ok|dead", value_parser = parse_status)]
    pub status: Option<ResultStatus>,

    /// Only events of this type
    #[arg(long = "type", value_name = "TYPE")]
    pub type_: Option<String>,

    /// Only results of this handler
    #[arg(long, value_name = "NAME")]
    pub handler: Option<String>,

    /// Finished at or after this time: 2026-01-31T12:00:00Z, or 10m for ten minutes ago
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub since: Option<UnixMillis>,

    /// Finished before this time
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub until: Option<UnixMillis>,

    /// Only results whose error holds this text
    #[arg(long, value_name = "TEXT")]
    pub error: Option<String>,

    /// At most this many, oldest event first
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,

    /// One JSON object a line
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,

    /// Comma-separated values with a heading
    #[arg(long)]
    pub csv: bool,
}

fn parse_status(text: &str) -> Result<ResultStatus, String> {
    match text {
        "ok" => Ok(ResultStatus::Ok),
        "dead" => Ok(ResultStatus::Dead),
        _ => Err("a result is `ok` or `dead`".to_owned()),
    }
}

impl ResultsArgs {
    fn filter(&self) -> ResultFilter {
        ResultFilter {
            status: self.status,
            type_: self.type_.clone(),
            handler: self.handler.clone(),
            since: self.since,
            until: self.until,
            error_contains: self.error.clone(),
            error_is: None,
            limit: self.limit,
        }
    }
}

/// Somewhere to print results to, one by one.
pub trait PrintRows {
    fn row(&mut self, row: ResultRow) -> io::Result<()>;

    /// Prints what is held back, and the whole if there was nothing.
    fn end(&mut self) -> io::Result<()>;
}

/// Lists the results that fit.
///
/// # Errors
/// When the database cannot be read, or printing fails for another reason than a closed pipe.
pub fn run(args: &ResultsArgs) -> Result<ExitCode, Failure> {
    let reader = SqliteReader::open(&args.db)?;
    let out = output::stdout();
    let mut rows: Box<dyn PrintRows> = match (args.json, args.csv) {
        (true, _) => Box::new(JsonRows::new(out)),
        (_, true) => Box::new(CsvRows::new(out)),
        _ => Box::new(TableRows::new(out)),
    };
    print(&reader, &args.filter(), &|_| true, &mut *rows)
}

/// Prints the results that fit the filter, and `wanted` too.
///
/// # Errors
/// As [`run`].
pub fn print(
    reader: &dyn Inspect,
    filter: &ResultFilter,
    wanted: &dyn Fn(&ResultRow) -> bool,
    rows: &mut dyn PrintRows,
) -> Result<ExitCode, Failure> {
    let mut printed = Ok(());
    reader.results(filter, &mut |row| {
        if wanted(&row) {
            printed = rows.row(row);
        }
        if printed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    output::finish(printed.and_then(|()| rows.end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Figures;
    use crate::store::StoredOutput;

    /// A result to print.
    pub fn row() -> ResultRow {
        ResultRow {
            event_id: "1".into(),
            source: "/s".into(),
            type_: "t".into(),
            handler: "h".into(),
            handler_sha256: "ab".into(),
            status: ResultStatus::Ok,
            output: StoredOutput::None,
            error: None,
            attempts: 1,
            figures: Figures { fuel: 2, peak_memory_bytes: 3, duration_us: 4 },
            finished_at: UnixMillis(1_500),
        }
    }

    #[test]
    fn a_status_is_ok_or_dead() {
        assert_eq!(parse_status("dead"), Ok(ResultStatus::Dead));
        assert!(parse_status("done").is_err());
    }
}
