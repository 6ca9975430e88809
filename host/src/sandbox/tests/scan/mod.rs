//! No attempt ever sees what another wrote. A guest looks for a canary everywhere, writes one of its own
//! everywhere, and ends in every way there is; the next one looks again.
//!
//! `EVQ_SCANNED_ATTEMPTS` is how many attempts there are; `EVQ_SEED` walks the same way again, as far as
//! threads let it.

mod control;
mod event;
mod guests;
mod worker;

use std::sync::atomic::{AtomicU64, Ordering};

use super::sandbox;
use crate::limits::{Limits, MIB};
use crate::sandbox::Allocation;
use guests::KINDS;
use worker::{Tally, Worker};

const WORKERS: u64 = 4;

/// Every allocation, by its name and its share of the attempts in percent. What ships has the most.
const SHARES: [(Allocation, &str, u64); 5] = [
    (Allocation::Resident, "resident", 60),
    (Allocation::Pooling, "pooling", 15),
    (Allocation::OnDemand, "on_demand", 10),
    (Allocation::WasmtimePooling, "wasmtime_pooling", 10),
    (Allocation::WasmtimeOnDemand, "wasmtime_on_demand", 5),
];

fn limits() -> Limits {
    // Four MiB: the largest of the guests can be refused more.
    Limits { memory_bytes_max: 4 * MIB, stack_bytes_max: 128 * 1024, ..Limits::default() }
}

#[test]
fn no_attempt_finds_what_another_wrote() {
    let attempts: u64 = std::env::var("EVQ_SCANNED_ATTEMPTS").map_or(10_000, |n| n.parse().unwrap());
    let given = std::env::var("EVQ_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = given.unwrap_or_else(rand::random);
    println!("to walk this way again: EVQ_SEED={seed}");
    let mut total = Tally::default();
    let mut counts = String::new();
    for (allocation, name, share) in SHARES {
        let tally = scan(allocation, attempts * share / 100, seed);
        counts += &format!(" scanned_{name}={}", tally.scanned);
        total.add(tally);
    }
    let Tally { scanned, scanned_bytes, compared, ends } = total;
    println!("endings: {ends:?}");
    println!(
        "EVIDENCE scanned_attempts={scanned} scanned_leaks=0{counts} scanned_mib={} \
         scanned_first_images={compared}",
        scanned_bytes / MIB
    );
    assert_eq!(scanned, SHARES.iter().map(|(.., share)| attempts * share / 100).sum::<u64>());
    assert_eq!(ends.len(), 10, "some way to end was never taken: {ends:?}");
}

/// Several workers, each with several handlers that share what memories come from.
fn scan(allocation: Allocation, attempts: u64, seed: u64) -> Tally {
    let sandbox = sandbox(allocation, limits());
    let handlers = KINDS.each_ref().map(|kind| kind.load(&sandbox));
    let numbers = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let start = |index| {
            let worker = Worker::new(&handlers, seed ^ index, index % 2 == 0);
            scope.spawn(|| {
                worker.run(|| Some(numbers.fetch_add(1, Ordering::Relaxed)).filter(|n| *n < attempts))
            })
        };
        let workers: Vec<_> = (0..WORKERS).map(start).collect();
        let mut total = Tally::default();
        for worker in workers {
            total.add(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        total
    })
}
