//! The program as a process: how soon it has a result, how much memory it takes, what it costs
//! when it waits. The last two can be seen on Linux alone.

use std::path::Path;
use std::time::{Duration, Instant};

use super::child::start_run;
use super::subject::Subject;
use crate::cli::Failure;

const WAIT: Duration = Duration::from_secs(60);
const WAIT_PER_EVENT: Duration = Duration::from_millis(10);

/// Memory is looked at this often.
const MEMORY_LOOK: Duration = Duration::from_millis(10);

/// A waiting process has long started by then.
const IDLE_AFTER: Duration = Duration::from_secs(1);
const IDLE_TIME: Duration = Duration::from_secs(3);

/// Starts of one measurement, whose median is told: the kernel may have to read the program anew.
const STARTS: usize = 5;

/// From the start of a process to its end, in ms, with one event and a new database; the compiled
/// module is in the cache, since this process has loaded it.
pub fn first_result_ms(subject: &Subject) -> Result<f64, Failure> {
    let folder = subject.folder.for_one()?;
    let event = folder.path().join("event.ndjson");
    let first = subject.workload.sample.first().map_or("", |event| event);
    std::fs::write(&event, format!("{first}\n"))
        .map_err(|e| Failure::work(format!("cannot write {}: {e}", event.display())))?;
    let start_ms = |start| {
        let mut child = start_run(subject, &event, &folder.path().join(format!("first-{start}.db")))?;
        Ok(child.wait(WAIT, |_| {})?.as_secs_f64() * 1e3)
    };
    let mut starts_ms = (0..STARTS).map(start_ms).collect::<Result<Vec<f64>, Failure>>()?;
    starts_ms.sort_by(f64::total_cmp);
    Ok(starts_ms[STARTS / 2])
}

/// The memory of one run over all events.
pub struct Memory {
    pub peak_mb: f64,
    /// The peak over what it had been by half of the time.
    pub growth: f64,
}

pub fn memory(subject: &Subject) -> Result<Option<Memory>, Failure> {
    let folder = subject.folder.for_one()?;
    let mut child = start_run(subject, &subject.workload.file, &folder.path().join("memory.db"))?;
    let events = u32::try_from(subject.workload.events).unwrap_or(u32::MAX);
    let (mut peaks, mut looked_at) = (Vec::new(), Instant::now());
    child.wait(WAIT + WAIT_PER_EVENT * events, |pid| {
        if peaks.is_empty() || looked_at.elapsed() >= MEMORY_LOOK {
            looked_at = Instant::now();
            peaks.extend(peak_bytes(pid));
        }
    })?;
    Ok(peaks
        .last()
        .zip(peaks.get(peaks.len() / 2))
        .map(|(end, half)| Memory { peak_mb: *end as f64 / 1e6, growth: *end as f64 / *half as f64 }))
}

/// The share of one core, in percent, that a host takes which waits for events.
pub fn idle_cpu_percent(subject: &Subject) -> Result<Option<f64>, Failure> {
    let folder = subject.folder.for_one()?;
    let child = start_run(subject, Path::new("-"), &folder.path().join("idle.db"))?;
    std::thread::sleep(IDLE_AFTER);
    let (before, since) = (cpu_ns(child.pid()), Instant::now());
    std::thread::sleep(IDLE_TIME);
    let (after, elapsed) = (cpu_ns(child.pid()), since.elapsed());
    Ok(before.zip(after).map(|(before, after)| {
        let used = after.saturating_sub(before) as f64;
        100.0 * used / elapsed.as_nanos() as f64
    }))
}

fn peak_bytes(pid: u32) -> Option<u64> {
    peak_in(&std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn peak_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// What all threads of a process have run, in ns: clock ticks of 10 ms would not show an idle host.
fn cpu_ns(pid: u32) -> Option<u64> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    tasks.map(|task| ran_ns(&std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?)).sum()
}

fn ran_ns(schedstat: &str) -> Option<u64> {
    schedstat.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_s_text_is_read() {
        assert_eq!(peak_in("Name:\tevq\nVmHWM:\t   12 kB\nVmRSS:\t 8 kB\n"), Some(12 * 1024));
        assert_eq!(peak_in("Name:\tevq\n"), None);
        assert_eq!(ran_ns("123456 789 10\n"), Some(123_456));
    }
}
