//! A worker: takes leased events one after another and runs them to their end.

use crossbeam_channel::{Receiver, Sender};

use super::attempt;
use super::settler::{Ended, Finished};
use super::shared::Shared;
use crate::sandbox::Handler;
use crate::store::Leased;

/// Runs attempts until the dispatcher has ended and its channel is empty.
pub fn run(handler: &Handler, shared: &Shared, leased: &Receiver<Leased>, to_settler: &Sender<Ended>) {
    for leased in leased {
        let ended = if shared.is_holding_back() {
            Ended::Unbegun { lease: leased.id, event_bytes: leased.json.len() as u64 }
        } else {
            let finished = attempt::run(handler, shared, leased);
            shared.in_flight.finished(finished.result_bytes());
            Ended::Finished(Box::new(finished))
        };
        // The settler outlives the workers; without it there is nobody to tell.
        let _ = to_settler.send(ended);
    }
}

impl Finished {
    /// Bytes that wait in memory to be settled.
    pub fn result_bytes(&self) -> u64 {
        use crate::event::{Exchange, Verdict};
        let report = &self.settled.report;
        let logs: usize = report.logs.iter().map(|line| line.text.len()).sum();
        let answer = match &report.verdict {
            Verdict::Ok { output, emitted } => {
                output.len_bytes() + emitted.iter().map(|event| event.json().len()).sum::<usize>()
            }
            _ => 0,
        };
        let exchanges: u64 = report.exchanges.iter().map(Exchange::len_bytes).sum();
        (logs + answer) as u64 + exchanges
    }
}
