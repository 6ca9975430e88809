//! Another order: every event number once, shuffled, without a list of them in memory.

use crate::store::EventSeq;

const ROUNDS: usize = 4;

/// The numbers from 1 to `newest`, in an order that the seed decides.
///
/// A Feistel network is a shuffle of all numbers of so many bits, whatever its rounds do; those that are
/// too large are put through it again until they are not.
#[derive(Debug, Clone)]
pub struct Shuffled {
    numbers: u64,
    half_bits: u32,
    keys: [u64; ROUNDS],
    next: u64,
}

impl Shuffled {
    pub fn new(newest: EventSeq, seed: u64) -> Self {
        let numbers = u64::try_from(newest.0).unwrap_or(0);
        let bits = u64::BITS - numbers.leading_zeros();
        let keys = [1, 2, 3, 4].map(|round| mix(seed.wrapping_add(round)));
        Shuffled { numbers, half_bits: bits.div_ceil(2).max(1), keys, next: 0 }
    }

    fn shuffle(&self, number: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (number >> self.half_bits, number & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (mix(right ^ key) & mask));
        }
        left << self.half_bits | right
    }
}

impl Iterator for Shuffled {
    type Item = EventSeq;

    fn next(&mut self) -> Option<EventSeq> {
        if self.next == self.numbers {
            return None;
        }
        let mut number = self.shuffle(self.next);
        while number >= self.numbers {
            number = self.shuffle(number);
        }
        self.next += 1;
        i64::try_from(number + 1).ok().map(EventSeq)
    }
}

/// Spreads every bit over all (the end of SplitMix64).
fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(newest: i64, seed: u64) -> Vec<i64> {
        Shuffled::new(EventSeq(newest), seed).map(|seq| seq.0).collect()
    }

    #[test]
    fn every_number_comes_once_however_many_there_are() {
        for newest in [0, 1, 2, 3, 7, 8, 9, 1000, 4096, 4097] {
            let mut all = order(newest, 5);
            all.sort_unstable();
            assert!(all.iter().copied().eq(1..=newest), "{newest}: {all:?}");
        }
    }

    #[test]
    fn the_seed_decides_and_neighbours_are_parted() {
        assert_eq!(order(1000, 1), order(1000, 1));
        assert_ne!(order(1000, 1), order(1000, 2));
        let neighbours = order(1000, 1).windows(2).filter(|pair| (pair[0] - pair[1]).abs() == 1).count();
        assert!(neighbours < 20, "{neighbours} of 1000 numbers still stand beside their neighbours");
    }
}
