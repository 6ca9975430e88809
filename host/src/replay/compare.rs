//! What was recorded of an attempt beside what a second run of it gave. Pure.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::text::excerpts;
use crate::event::{EmittedDigest, Exchange, HttpRequest, LogLine, NewEvent, Output, Report, Verdict};
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
    found.compare_exchanges(&recorded.exchanges, &report.exchanges);
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

    /// The first that is not the same: those behind it follow from it.
    fn compare_exchanges(&mut self, recorded: &[Exchange], now: &[Exchange]) {
        let same = recorded.iter().zip(now).take_while(|(recorded, now)| recorded == now).count();
        let side = |exchanges: &[Exchange]| exchanges.get(same).map_or("(none)".to_owned(), exchange_text);
        if recorded.len() != same || now.len() != same {
            self.add("exchange", &side(recorded), &side(now));
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

/// An exchange as HTTP writes it, but for its answer's fields.
fn exchange_text(exchange: &Exchange) -> String {
    let HttpRequest { method, url, headers, body } = &exchange.request;
    let headers: String = headers.iter().map(|(name, value)| format!("\n{name}: {value}")).collect();
    let answer = match &exchange.answer {
        Ok(response) => format!("{}\n{}", response.status, String::from_utf8_lossy(&response.body)),
        Err(failure) => format!("{}: {failure}", failure.code.as_str()),
    };
    format!("{method} {url}{headers}\n{}\n{answer}", String::from_utf8_lossy(body))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{
        Figures, HttpResponse, LimitExceeded, LimitName, LogLevel, Parent, TraceAttributes, emitted_event,
    };
    use crate::store::{ModuleId, RecordedResult, ResultStatus};

    fn exchange(path: &str) -> Exchange {
        let (method, url) = ("GET".to_owned(), format!("http://localhost{path}"));
        let request = HttpRequest { method, url, headers: Vec::new(), body: Vec::new() };
        Exchange {
            request,
            answer: Ok(HttpResponse { status: 200, headers: Vec::new(), body: b"hi".to_vec() }),
        }
    }

    fn child(index: u32) -> NewEvent {
        let trace = &TraceAttributes::NONE;
        let parent = Parent { source: "/s", id: "1", handler: "h", hops: 0, trace };
        emitted_event(br#"{"type":"t"}"#, parent, index, 1000).unwrap()
    }

    /// An attempt that said something, answered `7` and emitted two events.
    fn report() -> Report {
        Report {
            verdict: Verdict::Ok { output: Output::Json("7".into()), emitted: vec![child(0), child(1)] },
            figures: Figures { fuel: 10, peak_memory_bytes: 20, duration_us: 30 },
            logs: vec![LogLine { level: LogLevel::Info, text: "hello".into() }],
            exchanges: vec![exchange("/one"), exchange("/two")],
        }
    }

    /// What the store keeps of it.
    fn recorded() -> RecordedAttempt {
        let events = [child(0), child(1)];
        RecordedAttempt {
            module: ModuleId(1),
            number: 1,
            verdict: "ok".into(),
            message: None,
            logs: vec![("info".into(), "hello".into())],
            figures: Figures { fuel: 10, peak_memory_bytes: 99, duration_us: 99 },
            exchanges: vec![exchange("/one"), exchange("/two")],
            result: Some(RecordedResult {
                status: ResultStatus::Ok,
                output: StoredOutput::Json("7".into()),
                error: None,
                fuel: 10,
                emitted: RecordedEmitted {
                    digest: EmittedDigest::of(&events),
                    events: events.iter().map(|event| event.json().to_owned()).collect(),
                },
            }),
        }
    }

    /// The fields that differ once the record was changed.
    fn fields(change: impl FnOnce(&mut RecordedAttempt, &mut RecordedResult)) -> Vec<&'static str> {
        let mut attempt = recorded();
        let mut result = attempt.result.take().unwrap();
        change(&mut attempt, &mut result);
        attempt.result = Some(result);
        differences(&attempt, &report()).into_iter().map(|difference| difference.field).collect()
    }

    #[test]
    fn an_attempt_equals_its_record_whatever_time_and_memory_it_took() {
        assert_eq!(differences(&recorded(), &report()), []);
    }

    #[test]
    fn each_field_that_differs_is_named_and_no_other() {
        assert_eq!(fields(|attempt, _| attempt.verdict = "trap".into()), ["verdict"]);
        assert_eq!(fields(|attempt, _| attempt.message = Some("no".into())), ["message"]);
        assert_eq!(fields(|attempt, _| attempt.logs[0].0 = "warn".into()), ["logs"]);
        assert_eq!(fields(|attempt, _| attempt.logs.clear()), ["logs"]);
        assert_eq!(fields(|attempt, _| attempt.figures.fuel = 11), ["fuel"]);
        assert_eq!(fields(|attempt, _| attempt.exchanges.clear()), ["exchange"]);
        assert_eq!(fields(|attempt, _| attempt.exchanges.truncate(1)), ["exchange"]);
        assert_eq!(fields(|attempt, _| attempt.exchanges.push(exchange("/three"))), ["exchange"]);
        assert_eq!(fields(|attempt, _| attempt.exchanges[1].request.body = b"x".to_vec()), ["exchange"]);
        assert_eq!(fields(|_, result| result.fuel = 11), ["result_fuel"]);
        assert_eq!(fields(|_, result| result.error = Some("no".into())), ["result_error"]);
    }

    #[test]
    fn outputs_are_compared_by_their_bytes_and_their_kind() {
        for output in [
            StoredOutput::None,
            StoredOutput::Json("7.0".into()),
            StoredOutput::Json(" 7".into()),
            StoredOutput::Bytes(b"7".to_vec()),
        ] {
            assert_eq!(fields(|_, result| result.output = output.clone()), ["output"], "{output:?}");
        }
    }

    #[test]
    fn emitted_events_are_compared_by_number_order_and_text() {
        let digest = |events: &[NewEvent]| EmittedDigest::of(events);
        for other in [digest(&[]), digest(&[child(0)]), digest(&[child(1), child(0)])] {
            assert_eq!(fields(|_, result| result.emitted.digest = other), ["emitted"], "{other:?}");
        }
        let changed = |_: &mut RecordedAttempt, result: &mut RecordedResult| {
            result.emitted.events[1] = result.emitted.events[1].replace("\"t\"", "\"u\"");
        };
        assert_eq!(fields(changed), ["emitted"]);
        // What was pruned since is no difference: the digest tells of all.
        assert_eq!(fields(|_, result| result.emitted.events.clear()), [""; 0]);
    }

    #[test]
    fn an_attempt_that_failed_has_neither_output_nor_events() {
        let verdict = Verdict::Permanent { message: "no".into() };
        let now = Report { verdict, ..report() };
        let fields: Vec<&str> = differences(&recorded(), &now).iter().map(|d| d.field).collect();
        assert_eq!(fields, ["verdict", "message", "output", "emitted", "result_error"]);
    }

    #[test]
    fn without_a_result_only_the_attempt_is_compared() {
        let attempt = RecordedAttempt { result: None, ..recorded() };
        let verdict = Verdict::Ok { output: Output::None, emitted: Vec::new() };
        assert_eq!(differences(&attempt, &Report { verdict, ..report() }), []);
    }

    #[test]
    fn the_fuel_of_an_attempt_that_ran_out_of_stack_is_not_compared() {
        let limit = LimitExceeded { name: LimitName::Stack, used: 1, max: 1 };
        let now = Report { verdict: Verdict::LimitExceeded(limit), ..report() };
        let mut attempt = recorded();
        (attempt.verdict, attempt.message) = ("stack_limit".into(), Some(limit.to_string()));
        (attempt.figures.fuel, attempt.result) = (11, None);
        assert_eq!(differences(&attempt, &now), []);
    }

    #[test]
    fn both_sides_are_shown() {
        let mut attempt = recorded();
        attempt.logs = vec![("warn".into(), "bye".into())];
        let found = differences(&attempt, &report()).remove(0);
        assert_eq!((&*found.recorded, &*found.now), ("warn: bye", "info: hello"));
    }
}
