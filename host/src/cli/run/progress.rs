//! What the line on the terminal says while events are run.

use std::time::Duration;

use indicatif::{HumanBytes, HumanCount};

use crate::observe::Tally;

pub fn message(tally: &Tally, elapsed: Duration) -> String {
    let settled = tally.ok.get() + tally.dead.get();
    let rate = settled as f64 / elapsed.as_secs_f64().max(0.001);
    let left = tally.enqueued.get().saturating_sub(settled);
    let dead = match tally.dead.get() {
        0 => String::new(),
        dead => format!("  {} dead", HumanCount(dead)),
    };
    format!(
        "{} settled{dead}  {} events/s  {} in the queue  {} read",
        HumanCount(settled),
        HumanCount(rate as u64),
        HumanCount(left),
        HumanBytes(tally.read_bytes.get()),
    )
}
