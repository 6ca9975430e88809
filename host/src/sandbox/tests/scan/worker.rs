//! One thread of the scan: attempt after attempt, on any of its handlers.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use wasmtime::Store;

use super::event::{Ending, Told};
use super::guests::{KINDS, Kind, panicking};
use crate::clock::UnixMillis;
use crate::event::Report;
use crate::limits::Limits;
use crate::sandbox::Handler;
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::tests::invoke;

/// Attempts after which the handlers are made anew, so that their slots go to others.
const GENERATION: u64 = 500;

/// One in so many attempts has its first memory compared byte by byte, from the host's side.
const COMPARED_EVERY: u64 = 16;

const FUEL_MAX: u64 = 8_000_000;

/// Of those that loop for ever. On a machine that does much else one may end before it has scanned all;
/// then it has another chance.
const TIMEOUTS: [Duration; 3] =
    [Duration::from_millis(40), Duration::from_millis(400), Duration::from_secs(4)];

/// What was done, and how it ended.
#[derive(Default)]
pub struct Tally {
    pub scanned: u64,
    pub scanned_bytes: u64,
    pub compared: u64,
    pub ends: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.scanned += other.scanned;
        self.scanned_bytes += other.scanned_bytes;
        self.compared += other.compared;
        for (code, count) in other.ends {
            *self.ends.entry(code).or_default() += count;
        }
    }
}

pub struct Worker<'a> {
    /// The handlers of all, on one engine.
    common: &'a [Handler],
    /// Those that this worker uses, one a kind.
    own: Vec<Handler>,
    /// Whether they are replicas, with engines and slots of their own.
    replicates: bool,
    random: SmallRng,
    tally: Tally,
}

impl<'a> Worker<'a> {
    pub fn new(common: &'a [Handler], seed: u64, replicates: bool) -> Self {
        let random = SmallRng::seed_from_u64(seed);
        Worker { common, own: Vec::new(), replicates, random, tally: Tally::default() }
    }

    pub fn run(mut self, next: impl Fn() -> Option<u64>) -> Tally {
        while let Some(number) = next() {
            if self.tally.scanned.is_multiple_of(GENERATION) {
                self.begin_generation();
            }
            // The largest is slow, and one of many is enough.
            let kind = if self.random.random_range(0..40) == 0 { 3 } else { self.random.random_range(0..3) };
            if number.is_multiple_of(COMPARED_EVERY) {
                assert_first_memory(&self.own[kind], &KINDS[kind]);
                self.tally.compared += 1;
            }
            let told = Told::any(number, &KINDS[kind], &mut self.random);
            self.attempt(kind, told);
        }
        self.tally
    }

    fn begin_generation(&mut self) {
        // The old ones first: what they had is what the new ones get.
        self.own.clear();
        let replicate = |handler: &Handler| {
            let mut both = handler.clone().replicas(2.try_into().unwrap()).unwrap();
            panicking(both.swap_remove(0))
        };
        self.own = match self.replicates {
            true => self.common.iter().map(replicate).collect(),
            false => self.common.to_vec(),
        };
    }

    fn attempt(&mut self, kind: usize, told: Told) {
        let handler = &mut self.own[kind];
        let report = match told.ending {
            Ending::OutOfTime => out_of_time(handler, &told.text),
            _ => {
                handler.limits =
                    Limits { fuel_max: FUEL_MAX, wall_clock_max: Duration::from_secs(60), ..handler.limits };
                invoke(handler, &told.text).report
            }
        };
        let code = report.verdict.code();
        let logs: Vec<_> = report.logs.iter().map(|line| &*line.text).collect();
        assert!(logs == ["A"] && code == told.ending.code(), "{logs:?} {:?} of {told:?}", report.verdict);
        self.tally.scanned += 1;
        self.tally.scanned_bytes += report.figures.peak_memory_bytes;
        *self.tally.ends.entry(code).or_default() += 1;
    }
}

fn out_of_time(handler: &mut Handler, text: &str) -> Report {
    handler.limits.fuel_max = u64::MAX >> 1;
    let mut tries = TIMEOUTS.iter().map(|timeout| {
        handler.limits.wall_clock_max = *timeout;
        invoke(handler, text).report
    });
    tries.find(|report| !report.logs.is_empty()).expect("an attempt has time to scan")
}

/// What the host sees of a fresh instance: the module's data, and zeros.
fn assert_first_memory(handler: &Handler, kind: &Kind) {
    let (name, grants) = (handler.name.clone(), handler.grants.clone());
    let state = AttemptState::new("".into(), 1, UnixMillis::default(), 0, name, handler.limits, grants);
    let mut program = handler.program.clone();
    let core = program.core();
    let mut store = Store::new(core.engine(), state);
    handler.set_bounds(&mut store).unwrap();
    let instance = core.instantiate(&mut store).unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    let (found, wanted) = (memory.data(&store), kind.initial());
    let differs = found.iter().zip(&wanted).position(|(found, wanted)| found != wanted);
    assert_eq!((differs, found.len()), (None, wanted.len()), "a memory does not begin as its module says");
    let narrow = instance.get_global(&mut store, "narrow").unwrap().get(&mut store).unwrap_i64();
    assert_eq!(narrow, 7, "a global does not begin as its module says");
}
