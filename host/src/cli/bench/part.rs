//! The parts of a bench, and which of them were asked for.

use clap::ValueEnum;

/// What can be measured on its own, in the order in which a round measures it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// One instance reused
    Floor,
    /// A fresh instance for each event
    Fresh,
    /// The same with wasmtime as it comes
    Naive,
    /// SQLite alone
    Ceiling,
    /// From a file to results
    EndToEnd,
    /// Other hosts with the same handler; end-to-end too, which they are held against
    Rivals,
    /// From enqueue to settled; end-to-end too, as half of its rate is the load
    Latency,
    /// Start, memory and idling of the program itself
    Process,
    /// Claiming with a million pending
    Claims,
}

/// The parts to measure.
pub struct Parts(Vec<Part>);

impl Parts {
    pub fn of(only: &[Part], full: bool) -> Self {
        Parts(match (only, full) {
            ([], true) => Part::value_variants().to_vec(),
            ([], false) => Part::value_variants().iter().copied().filter(|p| *p != Part::Claims).collect(),
            (only, _) => only.to_vec(),
        })
    }

    pub fn has(&self, part: Part) -> bool {
        let needs_the_whole = |part| matches!(part, Part::Latency | Part::Rivals);
        let is_needed = part == Part::EndToEnd && self.0.iter().copied().any(needs_the_whole);
        is_needed || self.0.contains(&part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_measured_only_when_asked_for() {
        assert!(!Parts::of(&[], false).has(Part::Claims));
        assert!(Parts::of(&[], true).has(Part::Claims));
        assert!(Parts::of(&[Part::Claims], false).has(Part::Claims));
    }

    #[test]
    fn half_a_load_and_a_rival_s_rate_cannot_be_told_without_the_whole() {
        for part in [Part::Latency, Part::Rivals] {
            let parts = Parts::of(&[part], false);
            assert!(parts.has(Part::EndToEnd) && !parts.has(Part::Floor));
        }
    }
}
