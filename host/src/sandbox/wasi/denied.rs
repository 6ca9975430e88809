//! What a handler has only where it is granted. The guest gets the error that its language expects, so
//! a program that can do without goes on; the log says what was missing.

use crate::event::LogLevel;
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::trap::Ended;

/// What may be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    Files,
    Sockets,
    /// Requests that go out.
    Http,
}

/// The grants that an attempt was found to lack.
#[derive(Debug, Default, Clone, Copy)]
pub struct Denied {
    files: bool,
    sockets: bool,
    http: bool,
}

impl AttemptState {
    /// Logs that `call` needs a grant, once for each grant: a program may ask a thousand times.
    pub fn deny(&mut self, grant: Grant, call: &str) -> Result<(), Ended> {
        let (told, what) = match grant {
            Grant::Files => (&mut self.denied.files, "files"),
            Grant::Sockets => (&mut self.denied.sockets, "sockets"),
            Grant::Http => (&mut self.denied.http, "HTTP requests"),
        };
        if std::mem::replace(told, true) {
            return Ok(());
        }
        self.push_log(LogLevel::Warn, &format!("`{call}` was denied: no {what} are granted to this handler"))
    }
}
