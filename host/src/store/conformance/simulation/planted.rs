//! Stores with a fault put in, to see that a walk finds it and how little is left of the walk.

use super::super::backends::{Backend, MemoryBackend, Queue};
use super::operation::Operation;
use super::{Open, chance, least, run, told};
use crate::clock::Clock;
use crate::store::{Browse, DeadFilter};

/// A store that does something wrong when its owner crashes.
struct Faulty {
    inner: MemoryBackend,
    after_crash: fn(&dyn Queue) -> u64,
}

impl Backend for Faulty {
    fn queue(&self) -> &dyn Queue {
        self.inner.queue()
    }

    fn inspect(&self) -> &dyn Browse {
        self.inner.inspect()
    }

    fn clock(&self) -> &Clock {
        self.inner.clock()
    }

    fn crash(&mut self) {
        self.inner.crash();
        (self.after_crash)(self.inner.queue());
    }

    fn reopen(&mut self) {
        self.inner.reopen();
    }
}

/// The dead are gone after a crash, and so is the knowledge that they were here.
fn forgets_the_dead() -> Box<dyn Backend> {
    let after_crash = |queue: &dyn Queue| queue.drop_dead(&DeadFilter::default()).unwrap();
    Box::new(Faulty { inner: MemoryBackend::open(), after_crash })
}

/// A crash brings the dead back to life.
fn wakes_the_dead() -> Box<dyn Backend> {
    let after_crash = |queue: &dyn Queue| queue.retry_dead(&DeadFilter::default()).unwrap();
    Box::new(Faulty { inner: MemoryBackend::open(), after_crash })
}

#[track_caller]
fn is_found_and_cut_down(subject: Open) {
    let walks = (0..20).map(|seed| chance::walk(seed, 500));
    let mut found = walks.filter_map(|walk| run(&walk, subject).err().map(|broken| (walk, broken)));
    let (walk, broken) = found.next().expect("the fault is found");
    let least = least(walk, &broken, subject);
    let told = told(&least, subject);
    assert!(least.len() <= 5, "{told}");
    assert!(least.contains(&Operation::Crash), "{told}");
}

#[test]
fn a_store_that_forgets_the_dead_in_a_crash_is_found_in_a_few_steps() {
    is_found_and_cut_down(forgets_the_dead);
}

#[test]
fn a_store_that_wakes_the_dead_in_a_crash_is_found_in_a_few_steps() {
    is_found_and_cut_down(wakes_the_dead);
}
