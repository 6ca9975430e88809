//! From what a handler returned to what the host records.

use std::any::TypeId;

use serde::Serialize;

use crate::abi::{self, OutputKind};
use crate::{Bytes, Error};

/// A value that can be recorded as an event's result: every `Serialize` type as JSON, [`Bytes`] as
/// bytes, and `()` as no output at all.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a handler's output",
    label = "not an output",
    note = "derive `serde::Serialize` for it, or return `Bytes` or `()`"
)]
pub trait Output {
    /// Hands the value to the host.
    ///
    /// # Errors
    /// A permanent one, when the value cannot be written as JSON.
    #[doc(hidden)]
    fn put(&self) -> Result<(), Error>;
}

impl<O: Serialize + 'static> Output for O {
    fn put(&self) -> Result<(), Error> {
        if TypeId::of::<O>() == TypeId::of::<()>() {
            return Ok(());
        }
        match serde_json::to_vec(self) {
            Ok(json) => {
                abi::output(OutputKind::Json, &json);
                Ok(())
            }
            Err(error) => {
                Err(Error::permanent(format_args!("the output cannot be written as JSON: {error}")))
            }
        }
    }
}

impl Output for Bytes {
    fn put(&self) -> Result<(), Error> {
        abi::output(OutputKind::Bytes, self);
        Ok(())
    }
}

/// What a handler may return: an [`Output`], or a `Result` of one and anything that becomes an
/// [`Error`].
///
/// `Kind` keeps the two apart and is always inferred. A `Result` whose two types are both
/// `Serialize` could be either; in a test, `.map_err(Error::from)` decides it.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "neither an output nor a `Result` of one",
    note = "return a `serde::Serialize` type, `Bytes`, `()`, or `Result<one of these, Error>`"
)]
pub trait Reply<Kind> {
    /// Hands the value to the host, or gives the failure back.
    #[doc(hidden)]
    fn reply(self) -> Result<(), Error>;
}

/// A handler that cannot fail.
#[doc(hidden)]
#[derive(Debug)]
pub enum Plain {}

/// A handler that returns a `Result`.
#[doc(hidden)]
#[derive(Debug)]
pub enum Fallible {}

impl<O: Output> Reply<Plain> for O {
    fn reply(self) -> Result<(), Error> {
        self.put()
    }
}

impl<O: Output, E: Into<Error>> Reply<Fallible> for Result<O, E> {
    fn reply(self) -> Result<(), Error> {
        match self {
            Ok(output) => output.put(),
            Err(error) => Err(error.into()),
        }
    }
}
