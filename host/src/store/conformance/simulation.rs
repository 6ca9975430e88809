//! SQLite against the oracle: a long random walk must look the same on both.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use super::backends::{MemoryBackend, SqliteBackend};
use super::bench::{Bench, child, failed, id_of, ok, report, retry_after};
use crate::event::{Output, Settlement, Verdict};
use crate::store::{DeadFilter, DeliveryState, EnqueueFate, EventDetail, EventSeq, Leased, Stats};

const STEPS: u32 = 400;
const IDS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
const HANDLERS: [&str; 2] = ["h", "other"];

/// Both stores, and each lease that this owner was given, stale ones too, as the two gave it.
struct Pair {
    oracle: Bench,
    sqlite: Bench,
    leases: Vec<(Leased, Leased)>,
    random: SmallRng,
}

#[test]
fn sqlite_agrees_with_the_oracle() {
    let given = std::env::var("EVQ_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    println!("to walk this way again: EVQ_SEED={seed}");
    walk(seed);
}

fn walk(seed: u64) {
    let mut pair = Pair {
        oracle: Bench::on(MemoryBackend::open()),
        sqlite: Bench::on(SqliteBackend::open()),
        leases: Vec::new(),
        random: SmallRng::seed_from_u64(seed),
    };
    for _ in 0..STEPS {
        pair.step();
        pair.compare();
    }
}

impl Pair {
    fn step(&mut self) {
        match self.random.random_range(0..100) {
            0..25 => self.enqueue(),
            25..40 => self.claim(),
            40..45 => self.claim_suspect(),
            45..75 => self.settle(),
            75..80 => self.release(),
            80..90 => self.both(|bench| bench.advance(Duration::from_millis(700))),
            90..93 => self.crash(),
            93..96 => self.switch_handler(),
            96..98 => self.retry_dead(),
            _ => self.drop_dead(),
        }
    }

    /// Does the same to both stores; they must answer the same.
    fn both<T: PartialEq + std::fmt::Debug>(&mut self, act: impl Fn(&mut Bench) -> T) {
        assert_eq!(act(&mut self.oracle), act(&mut self.sqlite));
    }

    fn enqueue(&mut self) {
        let id = *IDS.choose(&mut self.random).expect("there are ids");
        // The numbers may differ after a drop and a crash; new or known must not.
        self.both(|bench| matches!(bench.enqueue([id])[0], EnqueueFate::Enqueued(_)));
    }

    /// Everything that is due: the order among retries and new events is each store's own.
    fn claim(&mut self) {
        let (mut oracle, mut sqlite) = (self.oracle.claim(), self.sqlite.claim());
        oracle.sort_by_key(|leased| leased.id.event);
        sqlite.sort_by_key(|leased| leased.id.event);
        self.take(oracle, sqlite);
    }

    fn claim_suspect(&mut self) {
        let oracle = self.oracle.claim_suspect().into_iter().collect();
        let sqlite = self.sqlite.claim_suspect().into_iter().collect();
        self.take(oracle, sqlite);
    }

    fn take(&mut self, oracle: Vec<Leased>, sqlite: Vec<Leased>) {
        assert_eq!(without_numbers(&oracle), without_numbers(&sqlite));
        self.leases.extend(oracle.into_iter().zip(sqlite));
    }

    /// Settles a lease that may be stale, with a verdict and an end at random.
    fn settle(&mut self) {
        let Some((oracle, sqlite)) = self.leases.choose(&mut self.random).cloned() else { return };
        let at = self.oracle.now().after(Duration::from_millis(self.random.random_range(0..2000)));
        let (settlement, verdict) = self.random_end(&id_of(&oracle), Settlement::RetryAt(at));
        let expected = self.oracle.settle_with(&oracle, settlement, report(verdict.clone()));
        let found = self.sqlite.settle_with(&sqlite, settlement, report(verdict));
        assert_eq!(expected, found, "{settlement:?}");
    }

    fn random_end(&mut self, id: &str, retry: Settlement) -> (Settlement, Verdict) {
        match self.random.random_range(0..7) {
            0 => (Settlement::Done, ok()),
            1 if id.len() == 1 => {
                let emitted = vec![child(id, 0), child(id, 1)];
                (Settlement::Done, Verdict::Ok { output: Output::Json("[1]".into()), emitted })
            }
            2 => (Settlement::Dead, failed("no")),
            3 => (Settlement::Dead, failed("")),
            4 => (retry, failed("again")),
            5 => (retry, Verdict::Lost),
            _ => (retry, retry_after()),
        }
    }

    fn release(&mut self) {
        let Some((oracle, sqlite)) = self.leases.choose(&mut self.random).cloned() else { return };
        self.oracle.queue().release(vec![oracle.id]).unwrap();
        self.sqlite.queue().release(vec![sqlite.id]).unwrap();
    }

    /// The dead owner's leases die with it; what is left of them are the orphans.
    fn crash(&mut self) {
        self.both(Bench::crash);
        self.leases.clear();
        for handler in HANDLERS {
            self.both(|bench| bench.switch_to(handler));
            let (oracle, sqlite) = (self.oracle.orphans(), self.sqlite.orphans());
            self.take(oracle, sqlite);
        }
    }

    fn switch_handler(&mut self) {
        let handler = *HANDLERS.choose(&mut self.random).expect("there are handlers");
        self.both(|bench| bench.switch_to(handler));
        self.both(|bench| bench.registered);
    }

    fn random_filter(&mut self) -> DeadFilter {
        let mut random = self.random.clone();
        let mut maybe = |text: &str| random.random_bool(0.5).then(|| text.to_owned());
        let filter =
            DeadFilter { event_id: maybe("a"), handler: maybe("h"), error_contains: maybe("n"), type_: None };
        self.random = random;
        filter
    }

    fn retry_dead(&mut self) {
        let filter = self.random_filter();
        self.both(|bench| bench.retry_dead(&filter));
    }

    fn drop_dead(&mut self) {
        let filter = self.random_filter();
        self.both(|bench| bench.drop_dead(&filter));
    }

    fn compare(&mut self) {
        self.both(|bench| Stats { database_bytes: 0, ..bench.stats() });
        self.both(|bench| bench.all_results());
        for id in IDS {
            self.both(|bench| bench.events(id).into_iter().map(comparable).collect::<Vec<_>>());
        }
    }
}

/// What both stores must agree on: not the number an event has after a drop and a crash.
fn without_numbers(leases: &[Leased]) -> Vec<(Leased, u32)> {
    let unnumbered = |leased: &Leased| {
        let mut same = leased.clone();
        same.id.event = EventSeq(0);
        (same, leased.id.attempt)
    };
    leases.iter().map(unnumbered).collect()
}

/// Also not whether an event that is due at once says so with a time that has come.
fn comparable(mut event: EventDetail) -> EventDetail {
    event.seq = EventSeq(0);
    for delivery in &mut event.deliveries {
        if let DeliveryState::Pending { due_at, .. } = &mut delivery.state {
            *due_at = None;
        }
    }
    event
}
