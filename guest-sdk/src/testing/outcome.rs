//! How a handler under test ended.

use std::any::Any;
use std::time::Duration;

use log::Level;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::abi::fake::{Breach, Record};
use crate::abi::{Code, OutputKind};
use crate::http::{self, Request};

/// How the attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Well: the output and the emitted events are recorded.
    Done,
    /// With a failure that is retried.
    Failed,
    /// Not yet: it is run again after this delay.
    RetryAfter(Duration),
    /// With a failure that no retry can mend.
    Permanent,
    /// With a panic, which in Wasm is a trap.
    Panicked,
    /// With a call that the ABI does not allow.
    BrokeAbi,
}

/// A log line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Its level.
    pub level: Level,
    /// Its text.
    pub text: String,
}

/// All that the host would record of the attempt.
#[derive(Debug, Clone)]
pub struct Outcome {
    verdict: Verdict,
    message: Option<String>,
    output: Option<(OutputKind, Vec<u8>)>,
    emitted: Vec<Value>,
    logs: Vec<LogLine>,
    requests: Vec<Request>,
}

impl Outcome {
    pub(super) fn new(ended: Result<i32, Box<dyn Any + Send>>, mut record: Record) -> Self {
        let verdict = match ended {
            Ok(code) => verdict(code, &record),
            Err(payload) => match payload.downcast::<Breach>() {
                Ok(breach) => {
                    record.error = Some(breach.0);
                    Verdict::BrokeAbi
                }
                Err(_) => Verdict::Panicked,
            },
        };
        if verdict == Verdict::Done {
            record.error = None;
        } else {
            // What a failed attempt put out is dropped; its logs are kept.
            record.output = None;
            record.emitted.clear();
        }
        Outcome {
            verdict,
            message: record.error,
            output: record.output,
            emitted: record.emitted,
            requests: record.requests.iter().map(|bytes| http::request_of(bytes)).collect(),
            logs: record.logs.into_iter().map(|(level, text)| log_line(level, text)).collect(),
        }
    }

    /// How the attempt ended.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Why it ended so, unless it ended well.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Whether anything was put out.
    pub fn has_output(&self) -> bool {
        self.output.is_some()
    }

    /// The output, as a JSON value.
    ///
    /// # Panics
    /// When there is none, or it is bytes.
    #[track_caller]
    pub fn json(&self) -> Value {
        self.output_as()
    }

    /// The output, read back from its JSON text.
    ///
    /// # Panics
    /// When there is none, it is bytes, or it does not fit `T`.
    #[track_caller]
    pub fn output_as<T: DeserializeOwned>(&self) -> T {
        let (kind, bytes) = self.output();
        assert!(kind == OutputKind::Json, "the output is bytes, not JSON");
        match serde_json::from_slice(bytes) {
            Ok(value) => value,
            Err(error) => panic!("the output {:?} does not fit: {error}", String::from_utf8_lossy(bytes)),
        }
    }

    /// The output as it was put out: bytes, or the JSON text.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn bytes(&self) -> &[u8] {
        self.output().1
    }

    /// The emitted events, without the `id` and `source` that the host adds.
    pub fn emitted(&self) -> &[Value] {
        &self.emitted
    }

    /// The requests that were sent, in their order.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// The log lines.
    pub fn logs(&self) -> &[LogLine] {
        &self.logs
    }

    #[track_caller]
    fn output(&self) -> (OutputKind, &[u8]) {
        match &self.output {
            Some((kind, bytes)) => (*kind, bytes),
            None => panic!(
                "there is no output: the attempt ended with {:?}, {}",
                self.verdict,
                self.message().unwrap_or("without a message")
            ),
        }
    }
}

fn verdict(code: i32, record: &Record) -> Verdict {
    if code == Code::Done as i32 {
        Verdict::Done
    } else if code == Code::NotYet as i32 {
        let delay_ms = record.retry_after_ms.unwrap_or(1000);
        Verdict::RetryAfter(Duration::from_millis(u64::try_from(delay_ms).unwrap_or(0)))
    } else if code == Code::Permanent as i32 {
        Verdict::Permanent
    } else {
        Verdict::Failed
    }
}

fn log_line(level: u32, text: String) -> LogLine {
    let level = Level::iter().find(|known| *known as u32 == level).expect("the logger's own levels");
    LogLine { level, text }
}
