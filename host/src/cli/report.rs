//! How an attempt's report is shown: what `invoke` and `replay` have in common.

use bytesize::ByteSize;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{exchange_text, output};
use crate::api::shape::{ExchangeJson, OutputJson, raw_json};
use crate::event::{NewEvent, Report, Verdict};
use crate::store::StoredOutput;

#[derive(Serialize)]
pub struct Shown<'a> {
    verdict: &'a str,
    message: Option<String>,
    #[serde(flatten)]
    output: OutputJson,
    emitted: Vec<Box<RawValue>>,
    logs: Vec<(&'a str, &'a str)>,
    exchanges: Vec<ExchangeJson>,
    backtrace: Option<&'a str>,
    fuel: u64,
    peak_memory_bytes: u64,
    duration_us: u64,
}

pub fn as_json(report: &Report) -> std::io::Result<Shown<'_>> {
    let Report { verdict, figures, logs, exchanges } = report;
    Ok(Shown {
        verdict: verdict.code(),
        message: verdict.message(),
        output: OutputJson::of(&StoredOutput::of(verdict))?,
        emitted: emitted(verdict).iter().map(|event| raw_json(event.json())).collect::<Result<_, _>>()?,
        logs: logs.iter().map(|line| (line.level.as_str(), &*line.text)).collect(),
        exchanges: exchanges.iter().map(ExchangeJson::of).collect(),
        backtrace: verdict.backtrace(),
        fuel: figures.fuel,
        peak_memory_bytes: figures.peak_memory_bytes,
        duration_us: figures.duration_us,
    })
}

pub fn as_text(report: &Report) -> String {
    let Report { verdict, figures, logs, exchanges } = report;
    let mut text = format!("verdict      {}\n", verdict.code());
    let mut line = |name: &str, value: &str| {
        text.push_str(&format!("{name:<13}{}\n", output::one_line(value)));
    };
    if let Some(message) = verdict.message() {
        line("reason", &message);
    }
    match StoredOutput::of(verdict) {
        StoredOutput::None => {}
        StoredOutput::Json(json) => line("output", &json),
        StoredOutput::Bytes(bytes) => line("output", &format!("{} bytes, not JSON", bytes.len())),
    }
    emitted(verdict).iter().for_each(|event| line("emitted", event.json()));
    logs.iter().for_each(|log| line(&format!("log {}", log.level.as_str()), &log.text));
    exchanges.iter().flat_map(exchange_text::lines_of).for_each(|told| line("request", &told));
    verdict.backtrace().into_iter().flat_map(str::lines).for_each(|frame| line("  in", frame));
    line("fuel", &figures.fuel.to_string());
    line("peak memory", &ByteSize(figures.peak_memory_bytes).to_string());
    line("time", &format!("{} us", figures.duration_us));
    text
}

fn emitted(verdict: &Verdict) -> &[NewEvent] {
    match verdict {
        Verdict::Ok { emitted, .. } => emitted,
        _ => &[],
    }
}
