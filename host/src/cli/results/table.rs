//! Results as a table for people.

use std::io::{self, Write};

use super::PrintRows;
use crate::cli::output::{Listing, output_text};
use crate::store::ResultRow;

/// Rows that share a table. Column widths need them all in memory, so a long list is printed as
/// several tables.
const ROWS_MAX: usize = 500;

/// Prints results as tables.
pub struct TableRows<W> {
    out: W,
    listing: Listing,
}

impl<W: Write> TableRows<W> {
    pub fn new(out: W) -> Self {
        const HEADINGS: &[&str] = &[
            "event",
            "type",
            "handler",
            "status",
            "attempts",
            "fuel",
            "us",
            "finished at",
            "output or error",
        ];
        TableRows { out, listing: Listing::new(HEADINGS, &[4, 5, 6]) }
    }
}

impl<W: Write> PrintRows for TableRows<W> {
    fn row(&mut self, row: ResultRow) -> io::Result<()> {
        let end = row.error.unwrap_or_else(|| output_text(&row.output));
        self.listing.push([
            row.event_id,
            row.type_,
            row.handler,
            row.status.as_str().to_owned(),
            row.attempts.to_string(),
            row.figures.fuel.to_string(),
            row.figures.duration_us.to_string(),
            row.finished_at.to_string(),
            end,
        ]);
        if self.listing.rows_held() == ROWS_MAX { self.listing.print(&mut self.out) } else { Ok(()) }
    }

    fn end(&mut self) -> io::Result<()> {
        if self.listing.rows_held() > 0 {
            self.listing.print(&mut self.out)?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::results::tests::row;
    use crate::store::ResultStatus;

    fn text(rows: usize, example: &ResultRow) -> String {
        let mut out = Vec::new();
        let mut table = TableRows::new(&mut out);
        (0..rows).for_each(|_| table.row(example.clone()).unwrap());
        table.end().unwrap();
        drop(table);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_dead_event_shows_its_error() {
        let dead = ResultRow { status: ResultStatus::Dead, error: Some("no stock".into()), ..row() };
        assert!(text(1, &dead).contains("no stock"));
    }

    #[test]
    fn a_long_list_is_several_tables_and_an_empty_one_none() {
        assert_eq!(text(ROWS_MAX + 1, &row()).matches("EVENT").count(), 2);
        assert_eq!(text(0, &row()), "");
    }
}
