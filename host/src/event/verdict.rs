//! How an attempt ended, as the sandbox saw it, and what it left behind.

use std::time::Duration;

use super::{Exchange, NewEvent};

/// How one attempt ended. A failure of the guest is a verdict; a failure of the host is an `Err`
/// elsewhere and settles nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The handler answered.
    Ok { output: Output, emitted: Vec<NewEvent> },
    /// The handler returned an error: retried by policy.
    Failed { message: String },
    /// The handler asked to be run again after `delay`; this is not a failure.
    RetryAfter { delay: Duration, message: String },
    /// The handler said that no retry can help.
    Permanent { message: String },
    /// The guest trapped; `message` is the panic's text where the guest gave one.
    Trapped { message: String, backtrace: String },
    /// A limit was hit.
    LimitExceeded(LimitExceeded),
    /// The guest broke the ABI: a pointer outside its memory, an output that is not JSON, and such.
    Violation { message: String },
    /// The host's own code panicked while it served this attempt.
    HostPanicked { message: String },
    /// The host died, or lost its lease, while the attempt ran.
    Lost,
    /// A person ended the event before it was run.
    Cancelled,
}

/// What the handler answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Output {
    /// The handler ended well without an output.
    #[default]
    None,
    /// Valid JSON text, byte for byte as the handler wrote it.
    Json(Box<str>),
    Bytes(Box<[u8]>),
}

impl Output {
    pub fn len_bytes(&self) -> usize {
        match self {
            Output::None => 0,
            Output::Json(text) => text.len(),
            Output::Bytes(bytes) => bytes.len(),
        }
    }
}

/// Which bound an attempt ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitName {
    Event,
    Memory,
    Table,
    Fuel,
    WallClock,
    Stack,
    Output,
    Logs,
    EmittedEvents,
    EmittedBytes,
    Hops,
    Resources,
}

impl LimitName {
    /// What is bounded, as a phrase that fits after "the limit on".
    pub fn describe(self) -> &'static str {
        match self {
            LimitName::Event => "event size",
            LimitName::Memory => "memory",
            LimitName::Table => "table elements",
            LimitName::Fuel => "fuel",
            LimitName::WallClock => "wall-clock time",
            LimitName::Stack => "stack",
            LimitName::Output => "output",
            LimitName::Logs => "logs",
            LimitName::EmittedEvents => "emitted events",
            LimitName::EmittedBytes => "bytes of emitted events",
            LimitName::Hops => "hops between emitted events",
            LimitName::Resources => "handles held at a time",
        }
    }

    /// What to do about it, where there is an option; the other bounds are the same for everyone.
    fn cure(self) -> &'static str {
        match self {
            LimitName::Event => "; raise --max-event",
            LimitName::Memory => "; raise --max-memory",
            LimitName::Fuel => "; raise --fuel",
            LimitName::WallClock => "; raise --timeout",
            LimitName::Table
            | LimitName::Stack
            | LimitName::Output
            | LimitName::Logs
            | LimitName::EmittedEvents
            | LimitName::EmittedBytes
            | LimitName::Hops
            | LimitName::Resources => "",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            LimitName::Event
            | LimitName::Memory
            | LimitName::Stack
            | LimitName::Output
            | LimitName::Logs
            | LimitName::EmittedBytes => " bytes",
            LimitName::WallClock => " ms",
            LimitName::Fuel => " units",
            LimitName::Table | LimitName::EmittedEvents | LimitName::Hops | LimitName::Resources => "",
        }
    }
}

/// A limit that was hit: what was asked for, and what is allowed, in the limit's own unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the limit on {} was hit: {used}{unit} wanted, {max}{unit} allowed{}",
    name.describe(), name.cure(), unit = name.unit()
)]
pub struct LimitExceeded {
    pub name: LimitName,
    pub used: u64,
    pub max: u64,
}

impl Verdict {
    /// The word for it in the database, in lists and in metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Verdict::Ok { .. } => "ok",
            Verdict::Failed { .. } => "failed",
            Verdict::RetryAfter { .. } => "retry_after",
            Verdict::Permanent { .. } => "permanent",
            Verdict::Trapped { .. } => "trap",
            Verdict::LimitExceeded(limit) => match limit.name {
                LimitName::Event => "event_limit",
                LimitName::Memory => "memory_limit",
                LimitName::Table => "table_limit",
                LimitName::Fuel => "fuel_limit",
                LimitName::WallClock => "timeout",
                LimitName::Stack => "stack_limit",
                LimitName::Output => "output_limit",
                LimitName::Logs => "log_limit",
                LimitName::EmittedEvents | LimitName::EmittedBytes => "emit_limit",
                LimitName::Hops => "hop_limit",
                LimitName::Resources => "handle_limit",
            },
            Verdict::Violation { .. } => "abi_violation",
            Verdict::HostPanicked { .. } => "host_panic",
            Verdict::Lost => "lost",
            Verdict::Cancelled => "cancelled",
        }
    }

    /// One line that says what went wrong; `None` when nothing did.
    pub fn message(&self) -> Option<String> {
        match self {
            Verdict::Ok { .. } | Verdict::Cancelled => None,
            Verdict::Failed { message } | Verdict::Permanent { message } => Some(message.clone()),
            Verdict::RetryAfter { message, .. } => Some(message.clone()),
            Verdict::Trapped { message, .. } => Some(message.clone()),
            Verdict::LimitExceeded(limit) => Some(limit.to_string()),
            Verdict::Violation { message } => Some(format!("the handler broke the ABI: {message}")),
            Verdict::HostPanicked { message } => {
                Some(format!("the host panicked while it served this attempt: {message}"))
            }
            Verdict::Lost => Some("the host ended while this attempt was claimed or running".into()),
        }
    }

    /// As [`Verdict::message`], and never empty: what a dead event's row says.
    pub fn reason(&self) -> String {
        self.message().filter(|message| !message.is_empty()).unwrap_or_else(|| self.code().into())
    }

    pub fn backtrace(&self) -> Option<&str> {
        match self {
            Verdict::Trapped { backtrace, .. } if !backtrace.is_empty() => Some(backtrace),
            _ => None,
        }
    }
}

/// What an attempt cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Deterministic: the same event and handler burn the same fuel on the same engine.
    pub fuel: u64,
    /// The largest size the guest's linear memory reached.
    pub peak_memory_bytes: u64,
    pub duration_us: u64,
}

/// The `log` crate's levels, with its numbers: they are the ABI's too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    Error = 1,
    Warn = 2,
    Info = 3,
    Debug = 4,
    Trace = 5,
}

impl LogLevel {
    pub fn from_number(number: i32) -> Option<Self> {
        match number {
            1 => Some(LogLevel::Error),
            2 => Some(LogLevel::Warn),
            3 => Some(LogLevel::Info),
            4 => Some(LogLevel::Debug),
            5 => Some(LogLevel::Trace),
            _ => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            LogLevel::Error => "error",
            LogLevel::Warn => "warn",
            LogLevel::Info => "info",
            LogLevel::Debug => "debug",
            LogLevel::Trace => "trace",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub level: LogLevel,
    pub text: Box<str>,
}

/// Everything an attempt left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub verdict: Verdict,
    pub figures: Figures,
    pub logs: Vec<LogLine>,
    /// Requests that went out, in their order, without secrets.
    pub exchanges: Vec<Exchange>,
}

impl Report {
    /// The report of an attempt that nobody saw the end of.
    pub fn lost() -> Self {
        Report::bare(Verdict::Lost)
    }

    /// The report of an attempt that was never to begin.
    pub fn cancelled() -> Self {
        Report::bare(Verdict::Cancelled)
    }

    /// The report of an attempt of which there is nothing to tell but its end.
    pub fn bare(verdict: Verdict) -> Self {
        Report { verdict, figures: Figures::default(), logs: Vec::new(), exchanges: Vec::new() }
    }
}
