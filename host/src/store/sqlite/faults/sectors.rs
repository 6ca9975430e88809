//! What a power cut leaves of one file: each sector shows the file as it was after some of the
//! changes since the last sync, and not two sectors need agree on after how many.
//!
//! That one rule covers lost, kept, reordered and torn writes. A file that grew without its data
//! shows zeros or garbage there.

use std::ops::Range;

use rand::rngs::SmallRng;
use rand::{Rng, RngExt};

/// A change that no sync has made certain yet.
#[derive(Debug, Clone)]
pub enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { len: usize },
}

impl Change {
    pub fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Change::Truncate { len } => content.truncate(*len),
            Change::Write { offset, bytes } => {
                let end = offset + bytes.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[*offset..end].copy_from_slice(bytes);
            }
        }
    }

    fn len_after(&self, len: usize) -> usize {
        match self {
            Change::Truncate { len: to } => len.min(*to),
            Change::Write { offset, bytes } => len.max(offset + bytes.len()),
        }
    }
}

/// After how many of a file's changes a sector shows it.
#[derive(Debug, Clone, Copy)]
enum Survival {
    Nothing,
    Everything,
    /// The first ones, in order; the sectors of the next one as it comes.
    InOrder(usize),
    /// All of them or none.
    EitherWay,
    AnyOrder,
}

impl Survival {
    fn pick(changes: usize, random: &mut SmallRng) -> Self {
        match random.random_range(0..6) {
            0 => Survival::Nothing,
            1 => Survival::Everything,
            2 | 3 => Survival::InOrder(random.random_range(0..=changes)),
            4 => Survival::EitherWay,
            _ => Survival::AnyOrder,
        }
    }

    fn version(self, changes: usize, random: &mut SmallRng) -> usize {
        match self {
            Survival::Nothing => 0,
            Survival::Everything => changes,
            Survival::InOrder(first) => (first + usize::from(random.random_bool(0.5))).min(changes),
            Survival::EitherWay => changes * usize::from(random.random_bool(0.5)),
            Survival::AnyOrder => random.random_range(0..=changes),
        }
    }
}

/// The file after a power cut.
pub fn survivor(synced: &[u8], changes: &[Change], random: &mut SmallRng) -> Vec<u8> {
    if changes.is_empty() {
        return synced.to_vec();
    }
    let sector_bytes = if random.random_bool(0.5) { 512 } else { 4096 };
    let survival = Survival::pick(changes.len(), random);
    let lens = lens(synced.len(), changes);
    let len = lens[survival.version(changes.len(), random)];
    let mut survivor = unwritten(len, random);
    let sectors =
        (0..len.div_ceil(sector_bytes)).map(|n| n * sector_bytes..((n + 1) * sector_bytes).min(len));
    let mut versions: Vec<(usize, Range<usize>)> =
        sectors.map(|sector| (survival.version(changes.len(), random), sector)).collect();
    versions.sort_by_key(|(version, _)| *version);
    let (mut content, mut applied) = (synced.to_vec(), 0);
    for (version, sector) in versions {
        changes[applied..version].iter().for_each(|change| change.apply(&mut content));
        applied = version;
        let end = sector.end.min(content.len());
        if sector.start < end {
            survivor[sector.start..end].copy_from_slice(&content[sector.start..end]);
        }
    }
    survivor
}

/// How long the file was after each number of changes.
fn lens(synced: usize, changes: &[Change]) -> Vec<usize> {
    let after = changes.iter().scan(synced, |len, change| {
        *len = change.len_after(*len);
        Some(*len)
    });
    std::iter::once(synced).chain(after).collect()
}

/// What is on the disk where a file grew and nothing was written.
fn unwritten(len: usize, random: &mut SmallRng) -> Vec<u8> {
    let mut bytes = vec![0; len];
    if random.random_bool(0.5) {
        random.fill_bytes(&mut bytes);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use std::collections::BTreeSet;

    /// Two writes of two sectors over a file of zeros: every mixture of the three versions turns up,
    /// and nothing else does.
    #[test]
    fn a_sector_shows_one_of_its_versions_and_every_mixture_turns_up() {
        let write = |byte| Change::Write { offset: 0, bytes: vec![byte; 8192] };
        let mut seen = BTreeSet::new();
        for seed in 0..500 {
            let mut random = SmallRng::seed_from_u64(seed);
            let file = survivor(&[0; 8192], &[write(1), write(2)], &mut random);
            assert_eq!(file.len(), 8192);
            assert!(file.chunks(512).all(|sector| sector.iter().all(|byte| *byte == sector[0])));
            seen.insert((file[0], file[4096]));
        }
        assert_eq!(seen.len(), 9, "{seen:?}");
    }

    #[test]
    fn a_file_may_grow_without_its_data_and_what_was_synced_stays() {
        let mut grown_without_data = 0;
        for seed in 0..500 {
            let mut random = SmallRng::seed_from_u64(seed);
            let change = Change::Write { offset: 1000, bytes: vec![7; 9000] };
            let file = survivor(&[1; 1000], &[change], &mut random);
            assert!(file[..1000] == [1; 1000] && (file.len() == 1000 || file.len() == 10_000));
            grown_without_data += u32::from(file.len() == 10_000 && file[9999] != 7);
        }
        assert!(grown_without_data > 20, "{grown_without_data}");
    }
}
