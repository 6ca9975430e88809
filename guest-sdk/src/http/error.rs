//! Why a request has no answer.

use std::fmt;

/// Why a request has no answer, by what can be done about it.
///
/// In a handler `?` makes of [`Error::Retry`] a failure that is retried with back-off, and of
/// [`Error::Permanent`] one that is not. For that it is no [`std::error::Error`], as [`crate::Error`] is none.
#[derive(Clone, PartialEq, Eq)]
pub enum Error {
    /// Another attempt may fare better: the server was not found or reached in time, or broke off.
    Retry {
        /// What went wrong, as the ABI names it: `timeout`, `connect`.
        code: String,
        /// The same for people.
        message: String,
    },
    /// The same request will never do: it is not granted, not well formed, or too large, or its answer is.
    Permanent {
        /// What went wrong, as the ABI names it: `not_granted`, `response_too_large`.
        code: String,
        /// The same for people.
        message: String,
    },
}

impl Error {
    /// What went wrong, as the ABI names it.
    pub fn code(&self) -> &str {
        match self {
            Error::Retry { code, .. } | Error::Permanent { code, .. } => code,
        }
    }

    /// What went wrong, for people.
    pub fn message(&self) -> &str {
        match self {
            Error::Retry { message, .. } | Error::Permanent { message, .. } => message,
        }
    }
}

impl From<Error> for crate::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Retry { message, .. } => crate::Error::failed(message),
            Error::Permanent { message, .. } => crate::Error::permanent(message),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?})", self.code(), self.message())
    }
}
