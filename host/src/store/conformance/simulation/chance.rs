//! Walks at random: the same seed makes the same walk.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::operation::{Answer, Choice, Decision, End, Operation};
use super::world::HANDLERS;
use crate::store::Activity;

/// How many of the newest events are enqueued again and again. Beside them new ones come.
const EVENTS_IN_PLAY: u32 = 24;

/// Numbers from here on are given to events that are enqueued once.
const NEW_EVENTS: u32 = 1_000_000;

/// Leases are taken from among so many of the newest: most of them are stale after a while.
const LEASES_IN_PLAY: usize = 16;

/// Longest jump of the clock that is no matter of retries: a machine that slept, a clock put right.
const JUMP_MS: i64 = 3_600_000;

pub fn walk(seed: u64, operations: usize) -> Vec<Operation> {
    let mut random = SmallRng::seed_from_u64(seed);
    (0..operations).map(|step| Chance { random: &mut random, step }.operation()).collect()
}

struct Chance<'r> {
    random: &'r mut SmallRng,
    step: usize,
}

impl Chance<'_> {
    fn operation(&mut self) -> Operation {
        let handler = self.handler();
        match self.random.random_range(0..1000) {
            0..200 => Operation::Enqueue { to: self.handlers(), events: self.events() },
            200..230 => {
                let events_max = self.random.random_range(1..6);
                Operation::EnqueueForAWaitingClaim { handler, events: self.new_events(), events_max }
            }
            230..240 => Operation::Reject { lines: self.random.random_range(1..4) },
            240..440 => Operation::Claim { handler, events_max: self.events_max() },
            440..480 => Operation::ClaimSuspect { handler },
            480..520 => Operation::TakeOrphans { handler },
            520..780 => Operation::Settle(self.some(Chance::end)),
            780..830 => Operation::Release { leases: self.some(Chance::lease) },
            830..840 => Operation::WakeAWaitingClaim { handler },
            840..900 => Operation::MoveClock { by_ms: self.random.random_range(-700..2000) },
            900..910 => Operation::MoveClock { by_ms: self.random.random_range(-JUMP_MS..JUMP_MS) },
            910..925 => Operation::Crash,
            925..930 => Operation::ShutDown,
            930..960 => Operation::RetryDead(self.choice()),
            960..975 => Operation::Cancel { event: self.event(), handler: self.maybe_handler() },
            975..980 => Operation::SetActivity { handler, activity: self.activity() },
            980..985 => Operation::Forget { events_max: self.random.random_range(1..200) },
            _ => Operation::DropDead(self.choice()),
        }
    }

    fn some<T>(&mut self, one: impl Fn(&mut Self) -> T) -> Vec<T> {
        (0..self.random.random_range(1..4)).map(|_| one(self)).collect()
    }

    fn handler(&mut self) -> usize {
        // The first handler gets most, so that something happens to its events.
        usize::from(self.random.random_bool(0.2)) % HANDLERS.len()
    }

    fn events(&mut self) -> Vec<u32> {
        self.some(Chance::event)
    }

    /// Of numbers that nothing else has.
    fn new_events(&mut self) -> Vec<u32> {
        let first = NEW_EVENTS + u32::try_from(self.step).expect("a walk is short") * 8;
        (first..first + self.random.random_range(1..6)).collect()
    }

    fn event(&mut self) -> u32 {
        let newest = u32::try_from(self.step / 4).expect("a walk is short") + EVENTS_IN_PLAY;
        self.random.random_range(newest - EVENTS_IN_PLAY..newest)
    }

    fn events_max(&mut self) -> usize {
        if self.random.random_bool(0.5) { 1000 } else { self.random.random_range(1..5) }
    }

    fn lease(&mut self) -> usize {
        self.random.random_range(0..LEASES_IN_PLAY)
    }

    fn end(&mut self) -> End {
        let answer = match self.random.random_range(0..12) {
            0..3 => Answer::Ok { emits: 0 },
            3 => Answer::Ok { emits: self.random.random_range(1..4) },
            4..6 => Answer::Failed,
            6 => Answer::RetryAfter,
            7 => Answer::Permanent,
            8 => Answer::Trapped,
            9 => Answer::TimedOut,
            _ => Answer::Lost,
        };
        let decision = match self.random.random_range(0..8) {
            0 => Decision::RetryIn { ms: self.random.random_range(-1000..3000) },
            1 => Decision::Dead,
            _ => Decision::ByPolicy,
        };
        End { lease: self.lease(), answer, decision }
    }

    fn choice(&mut self) -> Choice {
        let event = self.random.random_bool(0.7).then(|| self.event());
        Choice { event, handler: self.maybe_handler() }
    }

    fn maybe_handler(&mut self) -> Option<usize> {
        self.random.random_bool(0.5).then(|| self.handler())
    }

    /// Mostly one; sometimes each of them, or none.
    fn handlers(&mut self) -> Vec<usize> {
        match self.random.random_range(0..10) {
            0 => Vec::new(),
            1..3 => (0..HANDLERS.len()).collect(),
            _ => vec![self.handler()],
        }
    }

    fn activity(&mut self) -> Activity {
        if self.random.random_bool(0.5) { Activity::Paused } else { Activity::Running }
    }
}
