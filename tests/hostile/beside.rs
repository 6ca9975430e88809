//! The good beside the bad: in time while handlers spin, and within the host's memory.

use std::time::{Duration, Instant};

use super::handler;
use crate::support::{Dir, evq, good, saying, until};

/// What the host may hold at its peak beside one attempt's memory: code, queue and database.
const HOST_BYTES_MAX: u64 = 200 << 20;

/// Two workers, each with a handler that spins to its limit again and again: the good events between are
/// all ok, and no later than the spinning takes.
#[test]
fn good_events_are_done_while_both_workers_meet_handlers_that_spin() {
    let dir = Dir::new();
    dir.write("bad.wat", handler("", "(loop $more (br $more))"));
    dir.events((0..200).map(|n| if n % 25 == 4 { saying(n, "!") } else { good(n) }));
    let began = Instant::now();
    let options = ["--fuel", "1000000000000000", "--timeout", "250ms"];
    let typed = ["run", "bad.wat", "events.ndjson", "--json", "--max-attempts", "1", "--workers", "2"];
    let sum = evq(typed).args(&options).in_(&dir).assert_code(1).summary();
    assert_eq!((sum.ok, sum.dead), (192, 8));
    assert_eq!(dir.sql("SELECT DISTINCT verdict FROM attempt"), "timeout");
    // Eight times a quarter of a second on two workers is one second; a busy machine gets many.
    assert!(began.elapsed() < Duration::from_secs(20), "it took {:?}", began.elapsed());
    dir.assert_sound();
}

/// Memory to the limit in every attempt, on two workers: the host gives it back, or has it once a worker.
#[test]
fn the_host_stays_within_its_memory_whatever_its_guests_take() {
    let touch_all = "(drop (memory.grow (i32.const 1000)))
        (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x3e80000)) unreachable";
    let dir = Dir::new();
    dir.write("bad.wat", handler("", touch_all));
    let mut running = evq(["run", "bad.wat", "-", "--json", "--workers", "2"]).start_in(&dir);
    for n in 0..100 {
        running.write(format!("{}\n", if n % 2 == 0 { saying(n, "!") } else { good(n) }).as_bytes());
    }
    until("all are settled", || (dir.count("results") == 100).then_some(()));
    let peak = peak_bytes(running.pid());
    let sum = running.wait().assert_code(1).summary();
    assert_eq!((sum.ok, sum.dead), (50, 50));
    let bound = 2 * (64 << 20) + HOST_BYTES_MAX;
    assert!(peak < bound, "{peak} bytes at the peak, {bound} are enough");
}

/// A million calls, each of them made: what is said is kept up to its bound and no further.
#[test]
fn a_million_log_lines_and_a_million_emits_end_at_their_bounds_in_bounded_memory() {
    let event = r#"(data (i32.const 1024) "{\22type\22:\22t\22}")"#;
    let log = "(call $log (i32.const 3) (i32.const 1024) (i32.const 12))";
    for (call, ends) in [
        (log, "log_limit|the limit on logs was hit: 65546 bytes wanted, 65536 bytes allowed"),
        (
            "(call $emit (i32.const 1024) (i32.const 12))",
            "emit_limit|the limit on emitted events was hit: 101 wanted, 100 allowed",
        ),
    ] {
        let count = "(local.set $n (i32.add (local.get $n) (i32.const 1)))";
        let again = "(br_if $more (i32.lt_u (local.get $n) (i32.const 1000000)))";
        let body = format!("(local $n i32) (loop $more {call} {count} {again})");
        let dir = Dir::new();
        dir.write("bad.wat", handler(event, &body));
        let mut running = evq(["run", "bad.wat", "-", "--json", "--workers", "2"]).start_in(&dir);
        for n in 0..200 {
            running.write(format!("{}\n", if n % 2 == 0 { saying(n, "!") } else { good(n) }).as_bytes());
        }
        until("all are settled", || (dir.count("results") == 200).then_some(()));
        let peak = peak_bytes(running.pid());
        let sum = running.wait().assert_code(1).summary();
        assert_eq!((sum.ok, sum.dead), (100, 100));
        assert_eq!(dir.sql("SELECT DISTINCT verdict, message FROM attempt"), ends);
        assert!(peak < HOST_BYTES_MAX, "{peak} bytes at the peak, {HOST_BYTES_MAX} are enough");
    }
}

#[cfg(target_os = "linux")]
pub fn peak_bytes(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    // A process that has ended holds nothing.
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[cfg(not(target_os = "linux"))]
pub fn peak_bytes(_: u32) -> u64 {
    0
}
