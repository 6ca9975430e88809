//! A replayed attempt for people.

use std::io::{self, Write};

use super::{Dumped, nothing_to_dump};
use crate::cli::output::one_line;
use crate::cli::report;
use crate::replay::{Apart, FieldDifference, Replayed};
use crate::store::{RecordedAttempt, RecordedEvent};

pub fn print(
    out: &mut impl Write,
    event: &RecordedEvent,
    attempt: &RecordedAttempt,
    replayed: &Replayed,
    dumped: &Dumped<'_>,
) -> io::Result<()> {
    let (id, source) = (one_line(&event.id), one_line(&event.source));
    writeln!(out, "replayed     event {id} of {source}, attempt {}", attempt.number)?;
    writeln!(out, "module       sha256 {}", hex::encode(replayed.module_sha256))?;
    out.write_all(report::as_text(&replayed.report).as_bytes())?;
    match dumped {
        Dumped::NotAsked => {}
        Dumped::Returned => writeln!(out, "core dump    {}", nothing_to_dump(&replayed.report.verdict))?,
        Dumped::Written { file, bytes } => writeln!(out, "core dump    {bytes} bytes in {}", file.display())?,
    }
    let figures = attempt.figures;
    writeln!(
        out,
        "recorded     {}, {} fuel, {} bytes of memory, {} us",
        attempt.verdict, figures.fuel, figures.peak_memory_bytes, figures.duration_us
    )?;
    for apart in &replayed.apart {
        writeln!(out, "note         {}", note(*apart))?;
    }
    match &replayed.compared {
        Err(reason) => writeln!(out, "comparison   none: the attempt {}", reason.describe()),
        Ok(same) if same.is_empty() => writeln!(out, "comparison   the same as recorded"),
        Ok(differences) => differences.iter().try_for_each(|difference| print_difference(out, difference)),
    }
}

fn print_difference(out: &mut impl Write, difference: &FieldDifference) -> io::Result<()> {
    let FieldDifference { field, recorded, now } = difference;
    writeln!(out, "different    {field}")?;
    writeln!(out, "  recorded   {}", one_line(recorded))?;
    writeln!(out, "  now        {}", one_line(now))
}

fn note(apart: Apart) -> &'static str {
    match apart {
        Apart::OtherModule => "this is another module than the recorded one, so fuel is not compared",
        Apart::OtherEngine => "this is another engine than the recorded one, so fuel is not compared",
        Apart::LimitsUnknown => "it was recorded before limits were kept and ran under the usual ones now",
    }
}
