//! The chart: how far each row has come towards what is to be reached.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use super::report::{On, Report, Row};
use super::text::{figure, reach};
use crate::cli::Failure;

/// A bar that has come further than this is cut; its label tells the number.
const SHARE_MAX: f64 = 2.0;

const WIDTH: i32 = 1060;
const TOP: i32 = 70;
const LINE: i32 = 34;
const BAR: i32 = 20;
const NAMES: i32 = 300;
const LABELS: i32 = NAMES + 2 * REACH + 16;
/// Pixels of a bar that is just as long as it is to be.
const REACH: i32 = 160;

const REACHED: RGBColor = RGBColor(46, 125, 50);
const SHORT: RGBColor = RGBColor(198, 90, 17);
const INK: RGBColor = RGBColor(33, 33, 33);
const FAINT: RGBColor = RGBColor(110, 110, 110);

/// One row of the chart.
struct Bar {
    name: String,
    label: String,
    share: f64,
    is_reached: bool,
}

/// # Errors
/// When nothing was measured that has something to reach, or the file cannot be written.
pub fn draw(report: &Report, file: &Path) -> Result<(), Failure> {
    let bars: Vec<Bar> = report.rows.iter().filter_map(bar).collect();
    if bars.is_empty() {
        return Err(Failure::usage("--plot: none of the rows measured has something to reach"));
    }
    let mut svg = String::new();
    paint(report, &bars, &mut svg).map_err(|e| Failure::work(format!("cannot draw the chart: {e}")))?;
    std::fs::write(file, svg).map_err(|e| Failure::work(format!("cannot write {}: {e}", file.display())))
}

fn bar(row: &Row) -> Option<Bar> {
    let (wanted, value) = row.judged()?;
    let number = match wanted.on {
        On::Figure => format!("{} {}", figure(value, row.unit), row.unit.as_str()),
        On::Ratio => format!("{value:.2} {}", row.ratio.as_ref()?.of),
    };
    Some(Bar {
        name: row.name.clone(),
        label: format!("{number}  (reach {})", reach(row)),
        share: wanted.bound.share_reached(value),
        is_reached: wanted.bound.holds(value),
    })
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

fn paint(report: &Report, bars: &[Bar], svg: &mut String) -> Drawn {
    let height = TOP + LINE * bars.len() as i32 + 20;
    let area = SVGBackend::with_string(svg, (WIDTH as u32, height as u32)).into_drawing_area();
    area.fill(&WHITE)?;
    let machine = &report.machine;
    text(&area, "How far each row has come: the line is what is to be reached", (20, 14), 22, INK)?;
    let commit = machine.commit.map_or_else(String::new, |commit| format!(" ({commit})"));
    let below = format!(
        "wasm-evq {}{commit}; {} cores, {}; fsync {:.3} ms; {}",
        machine.version,
        machine.cores,
        machine.cpu,
        report.fsync_ms.median(),
        report.events
    );
    text(&area, &below, (20, 42), 15, FAINT)?;
    for (index, bar) in bars.iter().enumerate() {
        paint_bar(&area, bar, TOP + LINE * index as i32)?;
    }
    let line = [(NAMES + REACH, TOP - 6), (NAMES + REACH, height - 14)];
    area.draw(&PathElement::new(line, INK.stroke_width(2)))?;
    area.present()?;
    Ok(())
}

fn paint_bar(area: &DrawingArea<SVGBackend<'_>, Shift>, bar: &Bar, top: i32) -> Drawn {
    let length = (bar.share.min(SHARE_MAX) * f64::from(REACH)) as i32;
    let color = if bar.is_reached { REACHED } else { SHORT };
    let corners = [(NAMES, top), (NAMES + length.max(1), top + BAR)];
    area.draw(&Rectangle::new(corners, color.filled()))?;
    text(area, &bar.name, (20, top + 3), 17, INK)?;
    text(area, &bar.label, (LABELS, top + 3), 16, INK)
}

fn text(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    text: &str,
    at: (i32, i32),
    size: i32,
    color: RGBColor,
) -> Drawn {
    area.draw(&Text::new(text.to_owned(), at, ("sans-serif", size).into_font().color(&color)))?;
    Ok(())
}
