//! Results as comma-separated values.

use std::io::{self, Write};

use super::PrintRows;
use crate::cli::output::output_text;
use crate::store::{ResultRow, StoredOutput};

/// The columns of the view `results`; bytes stand apart, so that no base64 is taken for JSON.
const HEADINGS: [&str; 14] = [
    "event_id",
    "source",
    "type",
    "handler",
    "handler_sha256",
    "status",
    "output",
    "output_base64",
    "error",
    "attempts",
    "fuel",
    "peak_memory_bytes",
    "duration_us",
    "finished_at",
];

/// Prints a heading, then each result as one record.
pub struct CsvRows<W: Write> {
    writer: ::csv::Writer<W>,
    heading: Heading,
}

#[derive(PartialEq)]
enum Heading {
    Due,
    Printed,
}

impl<W: Write> CsvRows<W> {
    pub fn new(out: W) -> Self {
        CsvRows { writer: ::csv::Writer::from_writer(out), heading: Heading::Due }
    }

    fn print_heading_once(&mut self) -> io::Result<()> {
        if self.heading == Heading::Due {
            self.heading = Heading::Printed;
            self.writer.write_record(HEADINGS).map_err(io_error)?;
        }
        Ok(())
    }
}

impl<W: Write> PrintRows for CsvRows<W> {
    fn row(&mut self, row: ResultRow) -> io::Result<()> {
        self.print_heading_once()?;
        self.writer.write_record(record(&row)).map_err(io_error)
    }

    fn end(&mut self) -> io::Result<()> {
        self.print_heading_once()?;
        self.writer.flush()
    }
}

/// The error itself: the conversion that the crate brings hides a closed pipe's kind.
fn io_error(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn record(row: &ResultRow) -> [String; 14] {
    let text = output_text(&row.output);
    let (json, base64) = match row.output {
        StoredOutput::Bytes(_) => (String::new(), text),
        _ => (text, String::new()),
    };
    [
        row.event_id.clone(),
        row.source.clone(),
        row.type_.clone(),
        row.handler.clone(),
        row.handler_sha256.clone(),
        row.status.as_str().to_owned(),
        json,
        base64,
        row.error.clone().unwrap_or_default(),
        row.attempts.to_string(),
        row.figures.fuel.to_string(),
        row.figures.peak_memory_bytes.to_string(),
        row.figures.duration_us.to_string(),
        row.finished_at.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::results::tests::row;

    fn text(rows: impl IntoIterator<Item = ResultRow>) -> String {
        let mut out = Vec::new();
        let mut csv = CsvRows::new(&mut out);
        rows.into_iter().for_each(|row| csv.row(row).unwrap());
        csv.end().unwrap();
        drop(csv);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_record_has_a_field_for_each_heading_and_quotes_what_needs_it() {
        let text = text([ResultRow { output: StoredOutput::Json(r#"{"a":1}"#.into()), ..row() }]);
        let fields = r#"1,/s,t,h,ab,ok,"{""a"":1}",,,1,2,3,4,1970-01-01T00:00:01.500Z"#;
        assert_eq!(text.lines().nth(1), Some(fields));
    }

    #[test]
    fn there_is_a_heading_even_without_results() {
        assert!(text([]).starts_with("event_id,source,type,"));
    }
}
