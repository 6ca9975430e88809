//! What a handler's attempts took, over the last five to ten minutes.

use hdrhistogram::Histogram;
use serde::Serialize;
use utoipa::ToSchema;

use crate::event::Figures;

const VALUE_MAX: u64 = 1 << 50;

/// Two spans of figures: one that fills, and the one before it.
#[derive(Default)]
pub struct Recent {
    filling: Span,
    before: Span,
}

struct Span {
    duration_us: Histogram<u64>,
    fuel: Histogram<u64>,
    peak_memory_bytes: u64,
}

impl Default for Span {
    fn default() -> Self {
        let histogram = || Histogram::new_with_max(VALUE_MAX, 2).expect("the bounds are in order");
        Span { duration_us: histogram(), fuel: histogram(), peak_memory_bytes: 0 }
    }
}

/// The attempts of the last five to ten minutes, in this process.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct RecentJson {
    pub attempts: u64,
    p50_us: u64,
    p99_us: u64,
    fuel_p50: u64,
    fuel_p99: u64,
    /// The most that one of them had.
    peak_memory_bytes: u64,
}

impl Recent {
    pub fn count(&mut self, figures: &Figures) {
        self.filling.duration_us.saturating_record(figures.duration_us);
        self.filling.fuel.saturating_record(figures.fuel);
        self.filling.peak_memory_bytes = self.filling.peak_memory_bytes.max(figures.peak_memory_bytes);
    }

    /// Begins a new span and forgets the one before the last.
    pub fn turn(&mut self) {
        self.before = std::mem::take(&mut self.filling);
    }

    pub fn told(&self) -> RecentJson {
        let both = |of: fn(&Span) -> &Histogram<u64>| {
            let mut both = of(&self.filling).clone();
            // They have the same bounds, so what is in one fits into the other.
            let _ = both.add(of(&self.before));
            both
        };
        let (duration_us, fuel) = (both(|span| &span.duration_us), both(|span| &span.fuel));
        RecentJson {
            attempts: duration_us.len(),
            p50_us: duration_us.value_at_quantile(0.5),
            p99_us: duration_us.value_at_quantile(0.99),
            fuel_p50: fuel.value_at_quantile(0.5),
            fuel_p99: fuel.value_at_quantile(0.99),
            peak_memory_bytes: self.filling.peak_memory_bytes.max(self.before.peak_memory_bytes),
        }
    }
}
