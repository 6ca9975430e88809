//! A replayed attempt for programs: one object, all of it.

use std::io::{self, Write};

use serde::Serialize;

use super::Dumped;
use crate::cli::output;
use crate::cli::report::{self, Shown};
use crate::replay::{Apart, FieldDifference, Replayed};
use crate::store::{RecordedAttempt, RecordedEvent};

#[derive(Serialize)]
struct Object<'a> {
    event: &'a str,
    source: &'a str,
    attempt: u32,
    module_sha256: String,
    now: Shown<'a>,
    recorded: Recorded<'a>,
    /// `null` when nothing compares.
    same: Option<bool>,
    differences: Vec<Difference<'a>>,
    not_comparable: Option<&'static str>,
    notes: Vec<&'static str>,
    core_dump: Option<CoreDump>,
}

#[derive(Serialize)]
struct Recorded<'a> {
    verdict: &'a str,
    message: Option<&'a str>,
    logs: &'a [(String, String)],
    fuel: u64,
    peak_memory_bytes: u64,
    duration_us: u64,
}

#[derive(Serialize)]
struct Difference<'a> {
    field: &'a str,
    recorded: &'a str,
    now: &'a str,
}

#[derive(Serialize)]
struct CoreDump {
    file: String,
    bytes: u64,
}

pub fn print(
    out: &mut impl Write,
    event: &RecordedEvent,
    attempt: &RecordedAttempt,
    replayed: &Replayed,
    dumped: &Dumped<'_>,
) -> io::Result<()> {
    let differences = replayed.compared.as_deref().unwrap_or_default();
    let object = Object {
        event: &event.id,
        source: &event.source,
        attempt: attempt.number,
        module_sha256: hex::encode(replayed.module_sha256),
        now: report::as_json(&replayed.report)?,
        recorded: recorded(attempt),
        same: replayed.compared.as_ref().ok().map(Vec::is_empty),
        differences: differences.iter().map(difference).collect(),
        not_comparable: replayed.compared.as_ref().err().map(|reason| reason.code()),
        notes: replayed.apart.iter().copied().map(note).collect(),
        core_dump: core_dump(dumped),
    };
    output::json_line(out, &object)
}

fn recorded(attempt: &RecordedAttempt) -> Recorded<'_> {
    Recorded {
        verdict: &attempt.verdict,
        message: attempt.message.as_deref(),
        logs: &attempt.logs,
        fuel: attempt.figures.fuel,
        peak_memory_bytes: attempt.figures.peak_memory_bytes,
        duration_us: attempt.figures.duration_us,
    }
}

fn difference(difference: &FieldDifference) -> Difference<'_> {
    Difference { field: difference.field, recorded: &difference.recorded, now: &difference.now }
}

fn note(apart: Apart) -> &'static str {
    match apart {
        Apart::OtherModule => "other_module",
        Apart::OtherEngine => "other_engine",
        Apart::LimitsUnknown => "limits_unknown",
    }
}

fn core_dump(dumped: &Dumped<'_>) -> Option<CoreDump> {
    match dumped {
        Dumped::Written { file, bytes } => Some(CoreDump { file: file.display().to_string(), bytes: *bytes }),
        _ => None,
    }
}
