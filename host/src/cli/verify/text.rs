//! Differences and the report for people.

use std::io::{self, Write};

use crate::cli::output::one_line;
use crate::replay::{AttemptDifference, Findings, VerifyConfig, Which};

/// Longest side of a difference, in characters; `--json` has more of it.
const SIDE_CHARS_MAX: usize = 400;

pub fn difference(out: &mut impl Write, difference: &AttemptDifference) -> io::Result<()> {
    let AttemptDifference { source, id, attempt, handler, fields } = difference;
    let (id, source) = (one_line(id), one_line(source));
    writeln!(out, "different: event {id} of {source}, attempt {attempt} by {handler}")?;
    for field in fields {
        writeln!(out, "  {:14}recorded  {}", field.field, side(&field.recorded))?;
        writeln!(out, "  {:14}now       {}", "", side(&field.now))?;
    }
    out.flush()
}

fn side(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(SIDE_CHARS_MAX) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

pub fn report(out: &mut impl Write, findings: &Findings, config: &VerifyConfig, show: u64) -> io::Result<()> {
    if findings.different > show {
        writeln!(out, "... and {} more that differ; --show N or --json has them", findings.different - show)?;
    }
    let (seed, workers) = (config.seed, config.workers);
    let sample = match config.which {
        Which::Sample(_) => "a sample: ",
        _ => "",
    };
    writeln!(
        out,
        "{sample}{} checked: {} equal, {} different; {} not comparable (seed {seed}, {workers} workers)",
        findings.checked(),
        findings.equal,
        findings.different,
        findings.not_comparable.values().map(|uncompared| uncompared.attempts).sum::<u64>(),
    )?;
    for (reason, uncompared) in &findings.not_comparable {
        let first = one_line(&uncompared.first);
        writeln!(out, "  {:>8} {}; the first: {first}", uncompared.attempts, reason.describe())?;
    }
    out.flush()
}
