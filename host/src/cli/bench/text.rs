//! The report as text: the machine, then a table.

use std::io::{Result, Write};

use indicatif::HumanCount;

use super::report::{Bound, Report, Row, Unit};
use crate::cli::output::one_line;

const COLUMNS: usize = 8;

const HEADINGS: [&str; COLUMNS] = ["WHAT", "FIGURE", "", "LOW TO HIGH", "RATIO", "", "REACH", "REACHED"];

/// Figures end under one another.
const TO_THE_RIGHT: [bool; COLUMNS] = [false, true, false, true, true, false, true, false];

pub fn print(out: &mut impl Write, report: &Report) -> Result<()> {
    let machine = &report.machine;
    let commit = machine.commit.map_or_else(String::new, |commit| format!(" ({commit})"));
    let fsync_ms = report.fsync_ms.median();
    let rounds = report.fsync_ms.rounds().len();
    writeln!(out, "wasm-evq {}{commit}, {}, SQLite {}", machine.version, machine.engine, machine.sqlite)?;
    writeln!(
        out,
        "{} cores, {}, {}; this disk makes 4 KiB durable in {fsync_ms:.3} ms",
        machine.cores, machine.cpu, machine.os
    )?;
    writeln!(out, "handler: {}", one_line(&report.handler))?;
    writeln!(out, "events: {}, {:.0} bytes on average", one_line(&report.events), report.event_bytes_mean)?;
    report.notes.iter().try_for_each(|note| writeln!(out, "note: {note}"))?;
    writeln!(out, "rounds: {rounds}, whose medians these are\n")?;
    let rows: Vec<[String; COLUMNS]> = report.rows.iter().map(cells).collect();
    table(&rows).iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// Never cut to fit: a figure without its ratio says little, and a terminal folds long lines.
fn table(rows: &[[String; COLUMNS]]) -> Vec<String> {
    let headings = HEADINGS.map(str::to_owned);
    let lines: Vec<&[String; COLUMNS]> = std::iter::once(&headings).chain(rows).collect();
    let width = |column: usize| lines.iter().map(|cells| cells[column].len()).max().unwrap_or(0);
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let padded = |cells: &[String; COLUMNS]| -> String {
        let cell = |column: usize| match TO_THE_RIGHT[column] {
            true => format!("{:>1$}", cells[column], widths[column]),
            false => format!("{:<1$}", cells[column], widths[column]),
        };
        (0..COLUMNS).map(cell).collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines.into_iter().map(padded).collect()
}

fn cells(row: &Row) -> [String; COLUMNS] {
    let figure = |value| figure(value, row.unit);
    let (ratio, of) = match &row.ratio {
        Some(ratio) => (format!("{:.2}", ratio.rounds.median()), ratio.of.to_owned()),
        None => (String::new(), String::new()),
    };
    let reached = match row.is_reached() {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    [
        row.name.clone(),
        figure(row.figure.median()),
        row.unit.as_str().to_owned(),
        format!("{} to {}", figure(row.figure.lowest()), figure(row.figure.highest())),
        ratio,
        of,
        reach(row),
        reached.to_owned(),
    ]
}

/// A number as it is read best in its unit.
pub fn figure(value: f64, unit: Unit) -> String {
    match unit {
        Unit::EventsPerSecond => HumanCount(value as u64).to_string(),
        Unit::BytesPerEvent | Unit::Megabytes => format!("{value:.1}"),
        Unit::PercentOfACore => format!("{value:.3}"),
        Unit::MicrosPerEvent | Unit::Millis => format!("{value:.2}"),
    }
}

/// What is to be reached, as in "<= 1.5".
pub fn reach(row: &Row) -> String {
    let Some(reach) = row.reach else { return String::new() };
    match reach.bound {
        Bound::AtMost(most) => format!("<= {most}"),
        Bound::AtLeast(least) => format!(">= {}", (least * 100.0).round() / 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::{On, Reach};
    use super::*;
    use crate::cli::bench::figures::Series;

    #[test]
    fn a_row_says_what_is_reached() {
        let mut row = Row {
            key: "memory",
            name: "peak memory".into(),
            figure: Series::default(),
            unit: Unit::Megabytes,
            ratio: None,
            reach: Some(Reach { bound: Bound::AtMost(120.0), on: On::Figure }),
        };
        row.figure.push(60.04);
        let cells = cells(&row);
        assert_eq!(cells, ["peak memory", "60.0", "MB", "60.0 to 60.0", "", "", "<= 120", "yes"]);
    }

    #[test]
    fn figures_stand_under_one_another() {
        let row = |name: &str, figure: &str| {
            let mut cells: [String; COLUMNS] = Default::default();
            (cells[0], cells[1]) = (name.into(), figure.into());
            cells
        };
        let lines = table(&[row("end to end", "1"), row("a", "1,234,567")]);
        assert_eq!(lines[1..], ["end to end          1", "a           1,234,567"]);
        assert!(lines[0].starts_with("WHAT           FIGURE"), "{lines:?}");
    }

    #[test]
    fn figures_read_well_in_their_units() {
        assert_eq!(figure(123_456.7, Unit::EventsPerSecond), "123,456");
        assert_eq!(figure(6.789, Unit::MicrosPerEvent), "6.79");
    }
}
