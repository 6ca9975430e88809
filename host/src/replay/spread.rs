//! How a figure is distributed, before and after.

use hdrhistogram::Histogram;

/// Values of any size to three digits, in some kilobytes.
pub struct Spread(Histogram<u64>);

/// The values below which so many of a hundred lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Percentiles {
    pub p50: u64,
    pub p90: u64,
    pub p99: u64,
    pub max: u64,
}

impl Default for Spread {
    fn default() -> Self {
        Spread(Histogram::new(3).expect("three digits are allowed"))
    }
}

impl Spread {
    pub fn add(&mut self, value: u64) {
        self.0.saturating_record(value);
    }

    pub fn percentiles(&self) -> Percentiles {
        let at = |quantile| self.0.value_at_quantile(quantile).min(self.0.max());
        Percentiles { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: self.0.max() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_values() {
        let mut spread = Spread::default();
        assert_eq!(spread.percentiles(), Percentiles::default());
        (1..=1000).for_each(|value| spread.add(value));
        assert_eq!(spread.percentiles(), Percentiles { p50: 500, p90: 900, p99: 990, max: 1000 });
    }
}
