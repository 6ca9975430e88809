//! One event, from the export to the code it returns.

use crate::abi::{self, Code};
use crate::{Error, Event, Payload, Reply, hook, logger};

/// What a handler takes: an [`Event`].
#[diagnostic::on_unimplemented(
    message = "a handler takes `Event<T>`, not `{Self}`",
    label = "expected `Event<T>`"
)]
pub trait Argument: Sized {
    /// Reads the event's JSON text.
    #[doc(hidden)]
    fn read(text: &'static str) -> Result<Self, Error>;
}

impl<T: Payload> Argument for Event<T> {
    fn read(text: &'static str) -> Result<Self, Error> {
        Event::read(text)
    }
}

/// Runs `handle` on the event that the host holds ready, `event_len` bytes long, and gives the code
/// that tells the host how it ended.
pub fn run<A: Argument, R: Reply<Kind>, Kind>(event_len: usize, handle: impl FnOnce(A) -> R) -> i32 {
    let text = start(event_len);
    finish(A::read(text).and_then(|event| handle(event).reply()))
}

fn start(event_len: usize) -> &'static str {
    hook::install();
    logger::install();
    abi::event_text(event_len)
}

fn finish(ended: Result<(), Error>) -> i32 {
    let code = match ended {
        Ok(()) => Code::Done,
        Err(error) => error.report(),
    };
    code as i32
}
