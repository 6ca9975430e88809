//! The queue's rules, driven by chance: long walks over two stores, SQLite beside the oracle.
//!
//! A walk is a list of operations made from a seed. After each the answers of both stores must be the
//! same, and must keep the promises in `invariants`, which know of the stores only what the walk
//! itself wrote down. A walk that fails is cut down to the least that fails, and printed.
//!
//! `EVQ_SIMULATED_OPERATIONS` says how many operations, `EVQ_SEED` with which walk to begin.

mod chance;
mod compare;
mod forget;
mod invariants;
mod ledger;
mod operation;
mod planted;
mod settle;
mod shrink;
mod world;

use super::backends::{Backend, MemoryBackend, SqliteBackend};
use invariants::{Broken, Kept};
use operation::Operation;
use shrink::shrink;
use world::World;

/// In the ordinary test run.
const OPERATIONS: u64 = 100_000;

/// Long enough for old leases and dropped events to come back, short enough to begin anew often.
const WALK_OPERATIONS: usize = 500;

const OPERATIONS_BETWEEN_COMPARISONS: usize = 50;

/// Makes the store under test.
type Open = fn() -> Box<dyn Backend>;

fn sqlite() -> Box<dyn Backend> {
    Box::new(SqliteBackend::open())
}

#[test]
fn sqlite_keeps_every_promise_and_agrees_with_the_oracle() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let operations = number("EVQ_SIMULATED_OPERATIONS").unwrap_or(OPERATIONS);
    let first = number("EVQ_SEED").unwrap_or_else(rand::random);
    println!("to walk this way again: EVQ_SEED={first}");
    let walks = operations.div_ceil(WALK_OPERATIONS as u64);
    let mut crashes = 0;
    for seed in (0..walks).map(|walk| first.wrapping_add(walk)) {
        let walk = chance::walk(seed, WALK_OPERATIONS);
        crashes += walk.iter().filter(|operation| **operation == Operation::Crash).count();
        if let Err(broken) = run(&walk, sqlite) {
            panic!(
                "EVQ_SEED={seed} EVQ_SIMULATED_OPERATIONS=1: {}",
                told(&least(walk, &broken, sqlite), sqlite)
            );
        }
    }
    let operations = walks * WALK_OPERATIONS as u64;
    println!(
        "EVIDENCE simulated_operations={operations} simulated_walks={walks} simulated_crashes={crashes} \
         simulated_violations=0"
    );
}

fn run(walk: &[Operation], subject: Open) -> Kept {
    let mut world = World::new(Box::new(MemoryBackend::open()), subject())?;
    for (step, operation) in walk.iter().enumerate() {
        world.perform(operation)?;
        world.weigh()?;
        if (step + 1) % OPERATIONS_BETWEEN_COMPARISONS == 0 {
            world.compare()?;
        }
    }
    world.compare_all()
}

/// The least of a walk that breaks the same promise.
fn least(walk: Vec<Operation>, broken: &Broken, subject: Open) -> Vec<Operation> {
    let breaks = |walk: &[Operation]| run(walk, subject).is_err_and(|other| other.promise == broken.promise);
    shrink(walk, Operation::smaller, breaks)
}

/// A failed walk for a person: the promise, what was seen, and what led there.
fn told(walk: &[Operation], subject: Open) -> String {
    let Err(Broken { promise, seen }) = run(walk, subject) else {
        return "it did not fail again: something in it is left to chance".into();
    };
    let steps = walk.iter().enumerate().map(|(n, operation)| format!("\n  {}. {operation}", n + 1));
    format!("broken: {promise}\n  {seen}\nby:{}", steps.collect::<String>())
}
