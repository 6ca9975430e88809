//! The report as text: the machine, then a table.

use std::io::{Result, Write};

use indicatif::HumanCount;

use super::report::{Bound, On, Report, Row, Unit};
use crate::cli::output::{Listing, one_line};

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
    let mut listing = Listing::new(
        &["what", "figure", "unit", "low to high", "ratio", "", "reach", "reached"],
        &[1, 3, 4, 6],
    );
    report.rows.iter().for_each(|row| listing.push(cells(row)));
    listing.print(out)
}

fn cells(row: &Row) -> [String; 8] {
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
    let unit = match reach.on {
        On::Figure => format!(" {}", row.unit.as_str()),
        On::Ratio => String::new(),
    };
    match reach.bound {
        Bound::AtMost(most) => format!("<= {most}{unit}"),
        Bound::AtLeast(least) => format!(">= {}{unit}", (least * 100.0).round() / 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::Reach;
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
        assert_eq!(cells, ["peak memory", "60.0", "MB", "60.0 to 60.0", "", "", "<= 120 MB", "yes"]);
    }

    #[test]
    fn figures_read_well_in_their_units() {
        assert_eq!(figure(123_456.7, Unit::EventsPerSecond), "123,456");
        assert_eq!(figure(6.789, Unit::MicrosPerEvent), "6.79");
    }
}
