//! Exponential back-off with full jitter.

use std::time::Duration;

use rand::{RngExt, SeedableRng};

/// The delay before retry `n` is drawn evenly from zero to `min(cap, base * 2^(n-1))`. "Full"
/// jitter spreads retries best when many events fail together (AWS Architecture Blog, 2015).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    pub base: Duration,
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(300) }
    }
}

impl Backoff {
    /// The delay after the `failures`-th failure (1 for the first). The same seed draws the same
    /// delay: a simulated run repeats.
    pub fn delay(&self, failures: u32, seed: u64) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let ceiling = self.base.saturating_mul(1 << doublings).min(self.cap);
        let ceiling_ms = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX);
        let mut rng = rand::rngs::SmallRng::seed_from_u64(seed);
        Duration::from_millis(rng.random_range(0..=ceiling_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_stay_under_a_ceiling_that_doubles_up_to_the_cap() {
        let backoff = Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(10) };
        for (failures, ceiling_s) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (200, 10)] {
            let longest = (0..2000).map(|seed| backoff.delay(failures, seed)).max().unwrap();
            assert!(longest <= Duration::from_secs(ceiling_s));
            assert!(longest > Duration::from_millis(ceiling_s * 990), "no jitter reached the top");
        }
    }

    #[test]
    fn jitter_is_full_it_reaches_down_to_zero() {
        let backoff = Backoff::default();
        let shortest = (0..2000).map(|seed| backoff.delay(6, seed)).min().unwrap();
        assert!(shortest < Duration::from_millis(100));
    }
}
