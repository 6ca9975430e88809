//! When a process is killed: some lines after its start, and a moment more.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::SmallRng;

/// Lines are counted as well as time, so that a busy machine is killed in all of its life, too.
pub struct Moment {
    /// Lines to hear before the clock starts; 0: from the start of the process.
    pub lines: u32,
    pub then: Duration,
}

impl Moment {
    /// Four of ten are meant for the start: opening, migrating, compiling, recovering.
    pub fn draw(random: &mut SmallRng) -> Self {
        let (lines, then_us_max) =
            if random.random_ratio(4, 10) { (0, 40_000) } else { (random.random_range(1..=60), 4000) };
        Moment { lines, then: Duration::from_micros(random.random_range(0..=then_us_max)) }
    }
}
