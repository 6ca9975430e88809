//! Newline-delimited JSON from files and standard input: one event, or one event's data, a line.

use std::fs::File;
use std::io::{BufReader, Read, stdin};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::lines::{Line, Lines};
use crate::event::{InvalidEvent, NewEvent, RawLines, parse_event};
use crate::store::Rejected;

const BUFFER_BYTES: usize = 256 * 1024;

/// A file's first line may begin with this mark of UTF-8, which is not JSON.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Where lines come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Stdin,
    File(PathBuf),
}

/// What a line holds.
#[derive(Debug, Clone)]
pub enum Format {
    /// A CloudEvent.
    Event,
    /// The data of one.
    Raw(RawLines),
}

/// One line that was read.
pub struct ReadLine {
    /// Its number in its input, from 1.
    pub number: u64,
    pub outcome: Result<NewEvent, Rejected>,
    /// Bytes of the stream it took.
    pub taken_bytes: u64,
    pub next: NextLine,
}

/// Whether the line after this one is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextLine {
    AtHand,
    /// Reading on may wait for the writer of a pipe.
    MayWait,
}

/// An input cannot be read. What was read before is kept.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {name}: {reason}")]
pub struct SourceError {
    pub name: String,
    pub reason: String,
}

impl Input {
    /// What to call it in messages and in the table `rejected`.
    pub fn name(&self) -> String {
        match self {
            Input::Stdin => "-".into(),
            Input::File(path) => path.display().to_string(),
        }
    }

    /// Checks, before any work, that there is something to read.
    ///
    /// # Errors
    /// When the file is missing, is a folder or may not be read.
    pub fn check(&self) -> Result<(), SourceError> {
        match self {
            Input::Stdin => Ok(()),
            Input::File(path) => check_file(path).map_err(|e| self.error(&e)),
        }
    }

    /// Size in bytes, where it can be known beforehand.
    pub fn size_bytes(&self) -> Option<u64> {
        let Input::File(path) = self else { return None };
        let metadata = std::fs::metadata(path).ok()?;
        metadata.is_file().then_some(metadata.len())
    }

    /// Calls `each` with every line that is not blank, in order, until the end or until it breaks.
    pub fn read(
        &self,
        format: &Format,
        event_bytes_max: u64,
        each: &mut dyn FnMut(ReadLine) -> ControlFlow<()>,
    ) -> Result<(), SourceError> {
        let stream: Box<dyn Read> = match self {
            Input::Stdin => Box::new(stdin().lock()),
            Input::File(path) => Box::new(File::open(path).map_err(|e| self.error(&e))?),
        };
        let line_bytes_max = usize::try_from(event_bytes_max).unwrap_or(usize::MAX).saturating_add(2);
        let mut lines = Lines::new(BufReader::with_capacity(BUFFER_BYTES, stream), line_bytes_max);
        let never_waits = self.size_bytes().is_some();
        let mut number = 0;
        while let Some((line, taken_bytes)) = lines.next_line().map_err(|e| self.error(&e))? {
            number += 1;
            let line = without_mark(line, number);
            if is_blank(&line) {
                continue;
            }
            let outcome = read_line(&line, format, event_bytes_max)
                .map_err(|invalid| self.rejected(number, &line, &invalid));
            let is_at_hand = never_waits || lines.has_more_buffered();
            let next = if is_at_hand { NextLine::AtHand } else { NextLine::MayWait };
            if each(ReadLine { number, outcome, taken_bytes, next }).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn rejected(&self, number: u64, line: &Line<'_>, invalid: &InvalidEvent) -> Rejected {
        let (Line::Whole(bytes) | Line::TooLong { start: bytes, .. }) = line;
        let kept = &bytes[..bytes.len().min(Rejected::BYTES_KEPT_MAX)];
        Rejected { file: self.name(), line: number, reason: invalid.to_string(), bytes: kept.to_vec() }
    }

    fn error(&self, error: &std::io::Error) -> SourceError {
        SourceError { name: self.name(), reason: error.to_string() }
    }
}

fn check_file(path: &Path) -> std::io::Result<()> {
    if std::fs::metadata(path)?.is_dir() {
        return Err(std::io::Error::other("it is a folder; give the NDJSON files in it"));
    }
    // Opening a named pipe would wait for its writer, so only ordinary files are tried here.
    if std::fs::metadata(path)?.is_file() { File::open(path).map(drop) } else { Ok(()) }
}

fn read_line(line: &Line<'_>, format: &Format, event_bytes_max: u64) -> Result<NewEvent, InvalidEvent> {
    match (line, format) {
        (Line::TooLong { bytes, .. }, _) => {
            Err(InvalidEvent::TooLarge { bytes: *bytes, bytes_max: event_bytes_max })
        }
        (Line::Whole(bytes), Format::Event) => parse_event(bytes, event_bytes_max),
        (Line::Whole(bytes), Format::Raw(raw)) => raw.wrap(bytes, event_bytes_max),
    }
}

fn without_mark(line: Line<'_>, number: u64) -> Line<'_> {
    match line {
        Line::Whole(bytes) if number == 1 => {
            Line::Whole(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes))
        }
        other => other,
    }
}

fn is_blank(line: &Line<'_>) -> bool {
    matches!(line, Line::Whole(bytes) if bytes.trim_ascii().is_empty())
}
