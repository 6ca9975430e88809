//! Changes and the report for people.

use std::io::{self, Write};

use super::Subject;
use crate::cli::output::one_line;
use crate::replay::{BeforeAfter, Comparison, Effect, EventChange, Reason};

/// Longest side of a change, in characters; `--json` has more of it.
const SIDE_CHARS_MAX: usize = 200;

pub fn change(out: &mut impl Write, change: &EventChange) -> io::Result<()> {
    let (id, source) = (one_line(&change.id), one_line(&change.source));
    writeln!(out, "{}: event {id} of {source}", describe(change.effect))?;
    for field in &change.changes {
        let pointer = one_line(&field.pointer);
        let change = match (&field.before, &field.after) {
            (Some(before), Some(after)) => format!("~ {pointer}  {} -> {}", side(before), side(after)),
            (Some(before), None) => format!("- {pointer}  {}", side(before)),
            (None, after) => format!("+ {pointer}  {}", side(after.as_deref().unwrap_or_default())),
        };
        writeln!(out, "  {change}")?;
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

fn describe(effect: Effect) -> &'static str {
    match effect {
        Effect::Equal => "equal",
        Effect::Changed => "changed",
        Effect::NowFailing => "now failing",
        Effect::NowFixed => "now fixed",
        Effect::FailingAlike => "failing alike",
        Effect::FailingOtherwise => "failing otherwise",
    }
}

pub fn report(out: &mut impl Write, comparison: &Comparison, subject: &Subject) -> io::Result<()> {
    let counts: Vec<String> =
        comparison.effects.iter().map(|(effect, events)| format!("{events} {}", describe(*effect))).collect();
    let sample = if subject.is_sample { "a sample: " } else { "" };
    let (events, handler) = (comparison.events(), one_line(&subject.handler));
    writeln!(
        out,
        "{sample}{events} events of handler {handler}: {} (seed {})",
        counts.join(", "),
        subject.seed
    )?;
    if comparison.not_comparable > 0 {
        let reason = Reason::SecretNotRecorded.describe();
        writeln!(out, "{} more not comparable: each {reason}", comparison.not_comparable)?;
    }
    if events > 0 {
        writeln!(out, "{:24}{:>12}{:>12}{:>12}{:>12}", "", "p50", "p90", "p99", "max")?;
        figures(out, "fuel", &comparison.fuel)?;
        figures(out, "peak memory, bytes", &comparison.peak_memory_bytes)?;
        figures(out, "time, us", &comparison.duration_us)?;
    }
    out.flush()
}

fn figures(out: &mut impl Write, name: &str, figures: &BeforeAfter) -> io::Result<()> {
    for (side, of) in [("before", figures.before), ("after", figures.after)] {
        let name = if side == "before" { name } else { "" };
        let row = [of.p50, of.p90, of.p99, of.max].map(|value| format!("{value:>12}")).concat();
        writeln!(out, "{name:18}{side:>6}{row}")?;
    }
    Ok(())
}
