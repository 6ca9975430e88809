//! What the line on the terminal says while events are sent.

use std::time::Duration;

use indicatif::{HumanBytes, HumanCount};

use crate::observe::Tally;

pub fn message(tally: &Tally, elapsed: Duration) -> String {
    let accepted = tally.enqueued.get() + tally.duplicates.get();
    let rate = accepted as f64 / elapsed.as_secs_f64().max(0.001);
    format!(
        "{} accepted  {} events/s  {} read",
        HumanCount(accepted),
        HumanCount(rate as u64),
        HumanBytes(tally.read_bytes.get()),
    )
}
