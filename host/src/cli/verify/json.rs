//! Differences and the report as lines of JSON.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::cli::output::json_line;
use crate::replay::{AttemptDifference, Findings, VerifyConfig};

pub fn difference(out: &mut impl Write, difference: &AttemptDifference) -> io::Result<()> {
    let AttemptDifference { source, id, attempt, handler, fields } = difference;
    let fields: Map<String, Value> = fields
        .iter()
        .map(|field| (field.field.to_owned(), json!({ "recorded": field.recorded, "now": field.now })))
        .collect();
    let line = json!({
        "kind": "difference",
        "source": source,
        "event_id": id,
        "attempt": attempt,
        "handler": handler,
        "fields": fields,
    });
    json_line(out, &line)
}

pub fn report(out: &mut impl Write, findings: &Findings, config: &VerifyConfig) -> io::Result<()> {
    let reasons: Map<String, Value> = findings
        .not_comparable
        .iter()
        .map(|(reason, uncompared)| {
            let told = json!({ "attempts": uncompared.attempts, "first": uncompared.first });
            (reason.code().to_owned(), told)
        })
        .collect();
    let line = json!({
        "kind": "report",
        "checked": findings.checked(),
        "equal": findings.equal,
        "different": findings.different,
        "not_comparable": reasons,
        "seed": config.seed,
        "workers": config.workers,
    });
    json_line(out, &line)?;
    out.flush()
}
