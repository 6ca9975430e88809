//! The arithmetic of measurements: medians, percentiles, ratios. Knows nothing of what is measured.

/// One figure, measured once in each round.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series(Vec<f64>);

impl Series {
    pub fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn rounds(&self) -> &[f64] {
        &self.0
    }

    pub fn median(&self) -> f64 {
        let sorted = sorted(&self.0);
        let (low, high) = (at(&sorted, (sorted.len().max(1) - 1) / 2), at(&sorted, sorted.len() / 2));
        f64::midpoint(low, high)
    }

    pub fn lowest(&self) -> f64 {
        at(&sorted(&self.0), 0)
    }

    pub fn highest(&self) -> f64 {
        at(&sorted(&self.0), self.0.len().max(1) - 1)
    }

    pub fn map(&self, change: impl Fn(f64) -> f64) -> Series {
        Series(self.0.iter().copied().map(change).collect())
    }

    /// Round by round, so that both sides met the same machine. Empty when either was not measured.
    pub fn over(&self, other: &Series) -> Series {
        Series(self.0.iter().zip(&other.0).map(|(a, b)| a / b).collect())
    }
}

/// The value that this share of all values does not exceed (nearest rank); `share` is in `0..=1`.
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let rank = (share * values.len() as f64).ceil() as usize;
    at(&sorted(values), rank.max(1) - 1)
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn at(sorted: &[f64], index: usize) -> f64 {
    sorted.get(index).or(sorted.last()).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(figures: &[f64]) -> Series {
        Series(figures.to_vec())
    }

    #[test]
    fn the_median_stands_in_the_middle() {
        assert_eq!(series(&[9.0, 1.0, 2.0]).median(), 2.0);
        assert_eq!(series(&[4.0, 1.0, 2.0, 9.0]).median(), 3.0);
        assert_eq!(series(&[7.0]).median(), 7.0);
        assert!(series(&[]).median().is_nan());
    }

    #[test]
    fn a_series_knows_its_bounds() {
        let series = series(&[2.0, 9.0, 1.0]);
        assert_eq!((series.lowest(), series.highest()), (1.0, 9.0));
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The second round was twice as slow for both.
        let ratio = series(&[10.0, 20.0]).over(&series(&[5.0, 10.0]));
        assert_eq!(ratio.rounds(), [2.0, 2.0]);
        assert!(series(&[1.0]).over(&series(&[])).is_empty());
    }

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values: Vec<f64> = (1..=1000).map(f64::from).collect();
        assert_eq!(percentile(&values, 0.5), 500.0);
        assert_eq!(percentile(&values, 0.99), 990.0);
        assert_eq!(percentile(&values, 0.999), 999.0);
        assert_eq!(percentile(&values, 1.0), 1000.0);
        assert_eq!(percentile(&[5.0], 0.999), 5.0);
    }
}
