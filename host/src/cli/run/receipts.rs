//! `--print-accepted`: what became of each line read, as a line of JSON on stdout, once that is
//! durable.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::output::{json_line, stdout};
use crate::source::{LineFate, Receipt, TellReceipts};

/// The names and their order are a contract. Only these lines have a `fate`, and only those of
/// `--print` have a `status`.
#[derive(Serialize)]
struct Line<'a> {
    fate: &'static str,
    file: &'a str,
    line: u64,
    event_id: Option<&'a str>,
    source: Option<&'a str>,
    reason: Option<&'a str>,
}

/// Prints receipts. A reader that went away ends the printing, not the run.
pub fn teller() -> TellReceipts {
    let mut is_open = true;
    Box::new(move |receipts| is_open = is_open && print(receipts).is_ok())
}

fn print(receipts: &[Receipt]) -> io::Result<()> {
    let mut out = stdout();
    receipts.iter().try_for_each(|receipt| json_line(&mut out, &Line::of(receipt)))?;
    out.flush()
}

impl<'a> Line<'a> {
    fn of(Receipt { file, line, fate }: &'a Receipt) -> Self {
        let (word, event, reason) = match fate {
            LineFate::Enqueued { source, id } => ("enqueued", Some((source, id)), None),
            LineFate::Duplicate { source, id } => ("duplicate", Some((source, id)), None),
            LineFate::Unmatched { source, id } => ("unmatched", Some((source, id)), None),
            LineFate::Rejected { reason } => ("rejected", None, Some(reason.as_str())),
        };
        Line {
            fate: word,
            file,
            line: *line,
            event_id: event.map(|(_, id)| id.as_str()),
            source: event.map(|(source, _)| source.as_str()),
            reason,
        }
    }
}
