//! Receipts: what a producer is told of each line it sent, once that is durable.

use super::ndjson::ReadLine;
use crate::store::EnqueueFate;

/// What became of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The file's name, or `-` for standard input.
    pub file: String,
    pub line: u64,
    pub fate: LineFate,
}

/// An event is named by its identity; what is no event has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineFate {
    Enqueued {
        source: String,
        id: String,
    },
    /// Its handlers were given it before.
    Duplicate {
        source: String,
        id: String,
    },
    /// No handler wants it; it is kept.
    Unmatched {
        source: String,
        id: String,
    },
    Rejected {
        reason: String,
    },
}

/// Told the receipts of one commit, in the order of the lines.
pub type TellReceipts = Box<dyn FnMut(&[Receipt]) + Send>;

/// What is kept of a line until its fate is known.
pub struct Stub {
    file: String,
    line: u64,
    is: LineIs,
}

enum LineIs {
    Event { source: String, id: String },
    Rejected { reason: String },
}

impl Stub {
    pub fn of(line: &ReadLine, file: String) -> Self {
        let is = match &line.outcome {
            Ok(event) => LineIs::Event { source: event.source().to_owned(), id: event.id().to_owned() },
            Err(rejected) => LineIs::Rejected { reason: rejected.reason.clone() },
        };
        Stub { file, line: line.number, is }
    }
}

/// The receipts of a batch whose events met these fates, in order.
pub fn receipts(stubs: Vec<Stub>, fates: &[EnqueueFate]) -> Vec<Receipt> {
    let mut fates = fates.iter();
    let mut receipts = Vec::with_capacity(stubs.len());
    for Stub { file, line, is } in stubs {
        let fate = match is {
            LineIs::Rejected { reason } => LineFate::Rejected { reason },
            LineIs::Event { source, id } => match fates.next() {
                Some(EnqueueFate::Enqueued { .. }) => LineFate::Enqueued { source, id },
                Some(EnqueueFate::Duplicate(_)) => LineFate::Duplicate { source, id },
                Some(EnqueueFate::Unmatched(_)) => LineFate::Unmatched { source, id },
                // The store answers every event; what it did not answer is not vouched for.
                None => continue,
            },
        };
        receipts.push(Receipt { file, line, fate });
    }
    receipts
}
