//! How the read commands print: tables for people, JSON for programs.
//!
//! Knows nothing of the commands. What handlers wrote is not trusted with the terminal: control
//! characters come out as visible escapes.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::process::ExitCode;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use comfy_table::{CellAlignment, ContentArrangement, Row, Table, presets};
use serde::Serialize;

use super::Failure;
use crate::store::StoredOutput;

pub fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}

/// Turns the end of printing into the command's end. A reader that went away (`| head`) has what it
/// wanted: no failure.
pub fn finish(printed: io::Result<()>) -> Result<ExitCode, Failure> {
    match printed {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Failure::work(format!("cannot print: {error}"))),
    }
}

/// Prints one value as one line of JSON.
pub fn json_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

/// A handler's output as text in a list: JSON as it is, bytes as base64.
pub fn output_text(output: &StoredOutput) -> String {
    match output {
        StoredOutput::None => String::new(),
        StoredOutput::Json(text) => text.clone(),
        StoredOutput::Bytes(bytes) => BASE64_STANDARD.encode(bytes),
    }
}

/// Text with every control character made visible, on one line.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if drives_the_terminal(c) { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line
}

/// Control characters, and those that make a terminal show text in another order than it has.
fn drives_the_terminal(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// As [`one_line`], with the line ends kept: for backtraces and JSON that is laid out.
pub fn lines(text: &str) -> String {
    text.lines().map(one_line).collect::<Vec<_>>().join("\n")
}

/// Characters of a cell worth laying out on a terminal: more than the widest one shows.
const TERMINAL_CHARS_MAX: usize = 500;

/// A table on a terminal fits its width and gives each row one line; elsewhere nothing is cut.
pub struct Listing {
    headings: &'static [&'static str],
    right: &'static [usize],
    rows: Vec<Vec<String>>,
    on_terminal: bool,
}

impl Listing {
    /// `right` names the columns of figures, which end under one another.
    pub fn new(headings: &'static [&'static str], right: &'static [usize]) -> Self {
        Listing { headings, right, rows: Vec::new(), on_terminal: io::stdout().is_terminal() }
    }

    pub fn push(&mut self, cells: impl IntoIterator<Item = String>) {
        let chars_max = if self.on_terminal { TERMINAL_CHARS_MAX } else { usize::MAX };
        let cut = |cell: String| one_line(&cell.chars().take(chars_max).collect::<String>());
        self.rows.push(cells.into_iter().map(cut).collect());
    }

    pub fn rows_held(&self) -> usize {
        self.rows.len()
    }

    /// Prints the rows so far and forgets them; the next ones get a heading of their own.
    pub fn print(&mut self, out: &mut impl Write) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        writeln!(out, "{}", self.table(rows).trim_fmt())
    }

    fn table(&self, rows: Vec<Vec<String>>) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(self.headings.iter().map(|h| h.to_uppercase()));
        if self.on_terminal {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        for cells in rows {
            let mut row = Row::from(cells);
            if self.on_terminal {
                row.max_height(1);
            }
            table.add_row(row);
        }
        for index in self.right {
            if let Some(column) = table.column_mut(*index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_handler_wrote_cannot_drive_the_terminal() {
        assert_eq!(one_line("a\x1b[2J\nb"), "a\\u{1b}[2J\\nb");
        assert_eq!(lines("a\x1b\nb"), "a\\u{1b}\nb");
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let closed = finish(Err(io::ErrorKind::BrokenPipe.into()));
        assert_eq!(closed.unwrap(), ExitCode::SUCCESS);
        assert!(finish(Err(io::ErrorKind::StorageFull.into())).is_err());
    }

    #[test]
    fn a_table_puts_figures_under_one_another() {
        let mut listing = Listing::new(&["event", "attempts"], &[1]);
        listing.push(["a".into(), "1".into()]);
        listing.push(["b".into(), "100".into()]);
        let mut out = Vec::new();
        listing.print(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let ends: Vec<_> = text.lines().map(|line| line.trim_end().len()).collect();
        assert!(ends.iter().all(|end| *end == ends[0]), "{text}");
        assert_eq!(listing.rows_held(), 0);
    }
}
