//! Changes and the report as lines of JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::Subject;
use crate::cli::output::json_line;
use crate::replay::{Comparison, EventChange};

pub fn change(out: &mut impl Write, change: &EventChange) -> io::Result<()> {
    let EventChange { source, id, effect, changes } = change;
    let changes: Vec<Value> = changes
        .iter()
        .map(|field| json!({ "field": field.pointer, "before": field.before, "after": field.after }))
        .collect();
    let line =
        json!({ "kind": "change", "source": source, "event_id": id, "effect": effect, "changes": changes });
    json_line(out, &line)
}

pub fn report(out: &mut impl Write, comparison: &Comparison, subject: &Subject) -> io::Result<()> {
    let line = json!({
        "kind": "report",
        "handler": subject.handler,
        "seed": subject.seed,
        "events": comparison.events(),
        "effects": comparison.effects,
        "not_comparable": comparison.not_comparable,
        "fuel": comparison.fuel,
        "peak_memory_bytes": comparison.peak_memory_bytes,
        "duration_us": comparison.duration_us,
    });
    json_line(out, &line)?;
    out.flush()
}
