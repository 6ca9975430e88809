//! What is asked of the store, by seed.

use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

use super::group::{Action, End, Group};
use crate::store::Leased;

/// Events of one group, at most; few, so that many groups fit between two power cuts.
const BATCH_MAX: usize = 6;

pub struct Workload {
    named: u32,
}

impl Workload {
    pub fn new() -> Self {
        Workload { named: 0 }
    }

    /// A group of commands over the leases at hand, stale ones too.
    pub fn group(&mut self, leases: &[Leased], random: &mut SmallRng) -> Group {
        let commands = random.random_range(1..=4);
        Group { actions: (0..commands).map(|_| self.action(leases, random)).collect() }
    }

    fn action(&mut self, leases: &[Leased], random: &mut SmallRng) -> Action {
        match random.random_range(0..100) {
            0..35 => Action::Enqueue(self.ids(random)),
            35..60 => Action::Claim { events_max: random.random_range(1..=BATCH_MAX) },
            60..92 => {
                Action::Settle(some(leases, random).into_iter().map(|one| (one, end(random))).collect())
            }
            92..96 => Action::Release(some(leases, random)),
            _ => Action::RetryDead,
        }
    }

    /// New ids mostly, short and long; now and then one that was there before.
    fn ids(&mut self, random: &mut SmallRng) -> Vec<String> {
        (0..random.random_range(1..=BATCH_MAX)).map(|_| self.id(random)).collect()
    }

    fn id(&mut self, random: &mut SmallRng) -> String {
        let is_new = self.named == 0 || random.random_bool(0.95);
        self.named += u32::from(is_new);
        let number = if is_new { self.named } else { random.random_range(1..=self.named) };
        // The length belongs to the number, so that an id that comes again is the same.
        let len = if number % 3 == 0 { 300 } else { 0 };
        format!("e{number}-{}", "x".repeat(len))
    }
}

/// The newest leases mostly, in any order.
fn some(leases: &[Leased], random: &mut SmallRng) -> Vec<Leased> {
    let newest = &leases[leases.len().saturating_sub(3 * BATCH_MAX)..];
    let mut some: Vec<Leased> = newest.iter().filter(|_| random.random_bool(0.5)).cloned().collect();
    some.shuffle(random);
    some
}

fn end(random: &mut impl Rng) -> End {
    match random.random_range(0..10) {
        0..4 => End::Done,
        4..6 => End::Emits(random.random_range(1..=3)),
        6 => End::Dead,
        _ => End::Retry,
    }
}

/// The orphans' end after a crash.
pub fn lost(orphans: Vec<Leased>) -> Group {
    Group { actions: vec![Action::Settle(orphans.into_iter().map(|orphan| (orphan, End::Lost)).collect())] }
}
