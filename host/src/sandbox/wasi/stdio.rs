//! The three standard streams: the event, the output, the log.

use crate::event::{LimitName, LogLevel, Output};
use crate::sandbox::attempt_state::{AttemptState, bound};
use crate::sandbox::trap::Ended;

/// Where an attempt is in its streams.
#[derive(Debug, Default)]
pub struct Stdio {
    /// Bytes of the event that were read.
    read: usize,
    out: Vec<u8>,
    /// Whether what is printed is no output but a word about the work: so it is where an output is returned.
    printing_is_logging: bool,
    /// What was written to the log since the last end of a line.
    line: Vec<u8>,
}

impl AttemptState {
    /// Up to `len` more bytes of the event; none at its end.
    pub fn read_stdin(&mut self, len: usize) -> &[u8] {
        let rest = &self.event.as_bytes()[self.stdio.read..];
        let taken = &rest[..rest.len().min(len)];
        self.stdio.read += taken.len();
        taken
    }

    /// Bytes of the event that were not read yet.
    pub fn stdin_left(&self) -> usize {
        self.event.len() - self.stdio.read
    }

    /// Has standard output go to the log.
    pub fn log_what_is_printed(&mut self) {
        self.stdio.printing_is_logging = true;
    }

    pub fn write_stdout(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        if self.stdio.printing_is_logging {
            return self.write_stderr(bytes);
        }
        let size = (self.stdio.out.len() + bytes.len()) as u64;
        bound(LimitName::Output, size, self.limits.output_bytes_max)?;
        self.stdio.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Each line is one of the log.
    pub fn write_stderr(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            self.add_to_line(&rest[..end])?;
            self.end_line()?;
            rest = &rest[end + 1..];
        }
        self.add_to_line(rest)
    }

    fn add_to_line(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let size = self.log_bytes() + (self.stdio.line.len() + bytes.len()) as u64;
        bound(LimitName::Logs, size, self.limits.log_bytes_max)?;
        self.stdio.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), Ended> {
        let line = std::mem::take(&mut self.stdio.line);
        self.push_log(LogLevel::Info, &String::from_utf8_lossy(&line))
    }

    /// Keeps a last line that has no end. To be called once the guest is done, however it ended.
    pub fn close_stderr(&mut self) {
        if !self.stdio.line.is_empty() {
            // A line that is one byte too long for the log is cut off with the attempt that wrote it.
            let _ = self.end_line();
        }
    }

    pub fn take_stdout(&mut self) -> Output {
        output_of_bytes(std::mem::take(&mut self.stdio.out))
    }
}

/// What a guest wrote that knows bytes alone: JSON where it is JSON, without the space around it.
pub fn output_of_bytes(bytes: Vec<u8>) -> Output {
    if bytes.is_empty() {
        return Output::None;
    }
    match std::str::from_utf8(bytes.trim_ascii()) {
        Ok(text) if is_json(text) => Output::Json(text.into()),
        _ => Output::Bytes(bytes.into()),
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
