//! What the line on the terminal says while events are run.

use std::time::Duration;

use indicatif::{HumanBytes, HumanCount};

use super::hands::Hands;
use crate::observe::Tally;
use crate::store::Unsettled;

pub fn message(fed: &Tally, hands: &Hands, unsettled: &Unsettled, elapsed: Duration) -> String {
    let dead = hands.sum(|tally| &tally.dead);
    let settled = hands.sum(|tally| &tally.ok) + dead;
    let rate = settled as f64 / elapsed.as_secs_f64().max(0.001);
    let dead = match dead {
        0 => String::new(),
        dead => format!("  {} dead", HumanCount(dead)),
    };
    format!(
        "{} settled{dead}  {} events/s  {} in the queue  {} read",
        HumanCount(settled),
        HumanCount(rate as u64),
        HumanCount(hands.left(unsettled)),
        HumanBytes(fed.read_bytes.get()),
    )
}
