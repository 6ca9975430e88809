//! What was recorded of an attempt beside what a second run of it gave. Pure.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::text::excerpts;
use crate::event::{EmittedDigest, LogLine, NewEvent, Output, Report, Verdict};
use crate::store::{RecordedAttempt, RecordedEmitted, StoredOutput};

/// One field, and both sides of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDifference {
    pub field: &'static str,
    pub recorded: String,
    pub now: String,
}

/// Every field that is not the same; none when the attempts are equal.
pub fn differences(recorded: &RecordedAttempt, report: &Report) -> Vec<FieldDifference> {
    let verdict = &report.verdict;
    let mut found = Found::default();
    found.compare("verdict", &recorded.verdict, verdict.code());
    found.compare_optional("message", recorded.message.as_deref(), verdict.message().as_deref());
    let logs = pairs(&report.logs);
    if recorded.logs != logs {
        found.add("logs", &log_lines(&recorded.logs), &log_lines(&logs));
    }
    if fuel_compares(verdict) {
        found.compare("fuel", &recorded.figures.fuel.to_string(), &report.figures.fuel.to_string());
    }
    if let Some(result) = &recorded.result {
        found.compare_output(&result.output, verdict);
        found.compare_emitted(&result.emitted, emitted(verdict));
        let error = match verdict {
            Verdict::Ok { .. } => None,
            _ => Some(verdict.reason()),
        };
        found.compare_optional("result_error", result.error.as_deref(), error.as_deref());
        if fuel_compares(verdict) {
            found.compare("result_fuel", &result.fuel.to_string(), &report.figures.fuel.to_string());
        }
    }
    found.0
}

/// How deep a guest gets before its stack ends is a matter of its frames in machine code, and those differ
/// with how memory is checked.
fn fuel_compares(verdict: &Verdict) -> bool {
    verdict.code() != "stack_limit"
}

#[derive(Default)]
struct Found(Vec<FieldDifference>);

impl Found {
    fn compare(&mut self, field: &'static str, recorded: &str, now: &str) {
        if recorded != now {
            self.add(field, recorded, now);
        }
    }

    fn compare_optional(&mut self, field: &'static str, recorded: Option<&str>, now: Option<&str>) {
        if recorded != now {
            self.add(field, recorded.unwrap_or("(none)"), now.unwrap_or("(none)"));
        }
    }

    /// The bytes themselves: 1 is not 1.0.
    fn compare_output(&mut self, recorded: &StoredOutput, verdict: &Verdict) {
        let now = match verdict {
            Verdict::Ok { output, .. } => output,
            _ => &Output::None,
        };
        let is_same = match (recorded, now) {
            (StoredOutput::None, Output::None) => true,
            (StoredOutput::Json(recorded), Output::Json(now)) => **recorded == **now,
            (StoredOutput::Bytes(recorded), Output::Bytes(now)) => **recorded == **now,
            _ => false,
        };
        if !is_same {
            self.add("output", &stored_text(recorded), &output_text(now));
        }
    }

    /// The hash tells of all that was emitted; the events, of those that are still in the store whether
    /// anybody changed them.
    fn compare_emitted(&mut self, recorded: &RecordedEmitted, now: &[NewEvent]) {
        if recorded.digest != EmittedDigest::of(now) {
            let stored = format!("{}\n{}", digest_text(recorded.digest), recorded.events.join("\n"));
            self.add("emitted", &stored, &emitted_text(now));
            return;
        }
        let changed = recorded.events.iter().find(|json| now.iter().all(|event| event.json() != **json));
        if let Some(changed) = changed {
            self.add("emitted", changed, &emitted_text(now));
        }
    }

    fn add(&mut self, field: &'static str, recorded: &str, now: &str) {
        let (recorded, now) = excerpts(recorded, now);
        self.0.push(FieldDifference { field, recorded, now });
    }
}

pub fn emitted(verdict: &Verdict) -> &[NewEvent] {
    match verdict {
        Verdict::Ok { emitted, .. } => emitted,
        _ => &[],
    }
}

fn emitted_text(emitted: &[NewEvent]) -> String {
    let lines: Vec<&str> = emitted.iter().map(NewEvent::json).collect();
    format!("{}\n{}", digest_text(EmittedDigest::of(emitted)), lines.join("\n"))
}

fn digest_text(digest: Option<EmittedDigest>) -> String {
    digest.map_or_else(
        || "no events".to_owned(),
        |digest| format!("{} events of sha256 {}", digest.events, hex::encode(digest.sha256)),
    )
}

fn pairs(logs: &[LogLine]) -> Vec<(String, String)> {
    logs.iter().map(|line| (line.level.as_str().to_owned(), line.text.to_string())).collect()
}

fn log_lines(logs: &[(String, String)]) -> String {
    logs.iter().map(|(level, text)| format!("{level}: {text}")).collect::<Vec<_>>().join("\n")
}

fn stored_text(output: &StoredOutput) -> String {
    match output {
        StoredOutput::None => "(none)".into(),
        StoredOutput::Json(text) => text.clone(),
        StoredOutput::Bytes(bytes) => format!("base64:{}", BASE64_STANDARD.encode(bytes)),
    }
}

fn output_text(output: &Output) -> String {
    match output {
        Output::None => "(none)".into(),
        Output::Json(text) => text.to_string(),
        Output::Bytes(bytes) => format!("base64:{}", BASE64_STANDARD.encode(bytes)),
    }
}
