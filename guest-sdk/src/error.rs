//! Why an attempt failed, and what is to follow from it.

use std::fmt;
use std::time::Duration;

use crate::abi::{self, Code};

/// Why a handler gives up on an event.
///
/// `?` makes one from every [`std::error::Error`], with the texts of its sources: "a: b: c". Such a
/// failure is retried with back-off until the host's limit on attempts. To say otherwise, use
/// [`Error::permanent`] or [`Error::retry_after`].
///
/// As this type converts from every error, it is not one itself; [`fmt::Display`] gives its text.
///
/// ```
/// use std::time::Duration;
/// use wasm_evq_guest::Error;
///
/// fn rate(currency: &str) -> Result<f64, Error> {
///     match currency {
///         "EUR" => Ok("1.08".parse()?),
///         "" => Err(Error::retry_after(Duration::from_secs(60), "the rates are not in yet")),
///         other => Err(Error::permanent(format!("no rate for {other}"))),
///     }
/// }
/// assert_eq!(rate("XXX").unwrap_err().to_string(), "no rate for XXX");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Failed,
    Permanent,
    NotYet { delay_ms: i64 },
}

impl Error {
    /// A failure that another attempt may mend: retried with back-off, then the event is dead.
    pub fn failed(message: impl fmt::Display) -> Self {
        Error { kind: Kind::Failed, message: message.to_string() }
    }

    /// A failure that no retry can mend, such as data that makes no sense: the event is dead at once.
    pub fn permanent(message: impl fmt::Display) -> Self {
        Error { kind: Kind::Permanent, message: message.to_string() }
    }

    /// Not a failure, but not the time either: the event is run again after `delay`, which does not
    /// count towards the limit on attempts. A delay is kept in whole milliseconds, rounded up.
    pub fn retry_after(delay: Duration, message: impl fmt::Display) -> Self {
        let delay_ms = i64::try_from(delay.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX);
        Error { kind: Kind::NotYet { delay_ms }, message: message.to_string() }
    }

    /// What will be recorded as the reason.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Tells the host, and gives the code that the export returns.
    pub(crate) fn report(&self) -> Code {
        abi::error(&self.message);
        match self.kind {
            Kind::Failed => Code::Failed,
            Kind::Permanent => Code::Permanent,
            Kind::NotYet { delay_ms } => {
                abi::retry_after_ms(delay_ms);
                Code::NotYet
            }
        }
    }
}

impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            source = cause.source();
        }
        Error { kind: Kind::Failed, message }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Failed => "failed",
            Kind::Permanent => "permanent",
            Kind::NotYet { .. } => "retry_after",
        };
        write!(f, "{kind}({:?})", self.message)
    }
}
