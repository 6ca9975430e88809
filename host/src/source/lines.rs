//! Lines out of a stream, with a bound: a line of ten gigabytes costs its first kilobytes.

use std::io::{BufRead, Result};

/// A line without its line feed.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    Whole(&'a [u8]),
    /// Longer than the bound: how it begins, and how long it is.
    TooLong {
        start: &'a [u8],
        bytes: u64,
    },
}

/// Reads lines of at most `bytes_max` bytes.
pub struct Lines<R> {
    reader: R,
    bytes_max: usize,
    line: Vec<u8>,
}

impl<R: std::io::Read> Lines<std::io::BufReader<R>> {
    /// Whether part of the next line is here already, so that reading on need not wait for it.
    pub fn has_more_buffered(&self) -> bool {
        !self.reader.buffer().is_empty()
    }
}

impl<R: BufRead> Lines<R> {
    pub fn new(reader: R, bytes_max: usize) -> Self {
        Lines { reader, bytes_max, line: Vec::new() }
    }

    /// The next line, and how many bytes of the stream it took; `None` at the end.
    pub fn next_line(&mut self) -> Result<Option<(Line<'_>, u64)>> {
        self.line.clear();
        let (mut bytes, mut taken, mut is_ended) = (0_u64, 0_u64, false);
        while !is_ended {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            let (part, used) = match memchr::memchr(b'\n', chunk) {
                Some(end) => (&chunk[..end], end + 1),
                None => (chunk, chunk.len()),
            };
            is_ended = used > part.len();
            let room = self.bytes_max.saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            bytes += part.len() as u64;
            taken += used as u64;
            self.reader.consume(used);
        }
        if taken == 0 {
            return Ok(None);
        }
        let line = if bytes > self.line.len() as u64 {
            Line::TooLong { start: &self.line, bytes }
        } else {
            Line::Whole(self.line.strip_suffix(b"\r").unwrap_or(&self.line))
        };
        Ok(Some((line, taken)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    /// A reader's buffer smaller than the lines, so that they come in pieces.
    fn lines(text: &[u8], bytes_max: usize) -> Vec<String> {
        let mut lines = Lines::new(BufReader::with_capacity(3, text), bytes_max);
        let mut found = Vec::new();
        while let Some((line, _)) = lines.next_line().unwrap() {
            found.push(match line {
                Line::Whole(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                Line::TooLong { start, bytes } => {
                    format!("{}... of {bytes}", String::from_utf8_lossy(start))
                }
            });
        }
        found
    }

    #[test]
    fn lines_come_whole_whatever_the_buffer() {
        assert_eq!(lines(b"one\nthree\r\n\nlast", 100), ["one", "three", "", "last"]);
        assert_eq!(lines(b"", 100), [""; 0]);
    }

    #[test]
    fn a_line_above_the_bound_is_cut_and_the_next_is_whole() {
        assert_eq!(lines(b"0123456789\nok\n", 4), ["0123... of 10", "ok"]);
        assert_eq!(lines(b"0123\nok", 4), ["0123", "ok"]);
    }

    #[test]
    fn every_byte_of_the_stream_is_accounted_for() {
        let text = b"a\r\nbb\n\nccc";
        let mut lines = Lines::new(&text[..], 2);
        let mut taken = 0;
        while let Some((_, bytes)) = lines.next_line().unwrap() {
            taken += bytes;
        }
        assert_eq!(taken, text.len() as u64);
    }
}
