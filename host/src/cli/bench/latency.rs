//! How long an event takes from its arrival until its settlement is announced, durable.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::figures::percentile;
use super::host::Host;
use super::machine::FsyncProbe;
use super::subject::Subject;
use super::watchdog::Watchdog;
use crate::cli::Failure;
use crate::event::{NewEvent, Settlement, parse_event};
use crate::queue::{Announcer, Finished};
use crate::store::{Enqueue, EnqueueFate, EventSeq, SettleFate};

/// Events that come one at a time, each after the last one's end.
const IDLE_EVENTS: usize = 1000;

/// A slow disk ends the measurement sooner, but not before it has so many.
const IDLE_EVENTS_MIN: usize = 200;
const IDLE_TIME: Duration = Duration::from_secs(4);

/// How long a load is kept up.
const LOAD_TIME: Duration = Duration::from_secs(2);

/// Events of one enqueue under load: what one commit of the store takes at most.
const BATCH_EVENTS_MAX: usize = 1024;

/// Longest wait for one settlement.
const WAIT: Duration = Duration::from_secs(30);

/// In ms.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
}

impl Latency {
    fn of(times_ms: &[f64]) -> Self {
        Latency {
            p50: percentile(times_ms, 0.5),
            p99: percentile(times_ms, 0.99),
            p999: percentile(times_ms, 0.999),
        }
    }
}

/// Latency at idle, and what an fsync took in the same seconds.
pub struct Idle {
    pub latency: Latency,
    pub fsync_ms: f64,
}

/// With nothing else to do: from calling enqueue to the announcement. After each event one fsync is
/// timed, so that both meet the same disk.
pub fn idle(subject: &Subject) -> Result<Idle, Failure> {
    let unwritable = |e: std::io::Error| Failure::work(format!("cannot write beside the database: {e}"));
    let mut probe = FsyncProbe::make_in(subject.folder.path()).map_err(unwritable)?;
    with_queue(subject, |host, told| {
        let (mut times_ms, mut fsyncs_ms) = (Vec::new(), Vec::new());
        let begun = Instant::now();
        for event in parsed(subject, IDLE_EVENTS)? {
            let called = Instant::now();
            let fates = host.store.enqueue(vec![host.addressed(event)])?;
            if matches!(fates[..], [EnqueueFate::Duplicate(_)]) {
                continue;
            }
            let (_, at) = next(told)?;
            times_ms.push((at - called).as_secs_f64() * 1e3);
            fsyncs_ms.push(probe.once_ms().map_err(unwritable)?);
            if times_ms.len() >= IDLE_EVENTS_MIN && begun.elapsed() > IDLE_TIME {
                break;
            }
        }
        Ok(Idle { latency: Latency::of(&times_ms), fsync_ms: percentile(&fsyncs_ms, 0.5) })
    })
}

/// While so many events arrive, evenly: from an event's arrival, when enqueue has to be called for
/// it, whether or not the caller is free to, to the announcement.
pub fn under_load(subject: &Subject, events_per_s: f64) -> Result<Latency, Failure> {
    let events = (events_per_s * LOAD_TIME.as_secs_f64()).max(1.0) as usize;
    let mut events = parsed(subject, events)?.into_iter();
    with_queue(subject, |host, told| {
        let arrivals = Arrivals { started: Instant::now(), events_per_s };
        let mut arrived: HashMap<EventSeq, Instant> = HashMap::with_capacity(events.len());
        let mut sent = 0;
        while events.len() > 0 {
            let due = arrivals.due(sent + 1);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let batch_max = (arrivals.so_far() - sent).clamp(1, BATCH_EVENTS_MAX);
            let batch = events.by_ref().take(batch_max).map(|event| host.addressed(event)).collect();
            for fate in host.store.enqueue(batch)? {
                sent += 1;
                if let EnqueueFate::Enqueued { event, .. } = fate {
                    arrived.insert(event, arrivals.due(sent));
                }
            }
        }
        let mut times_ms = Vec::with_capacity(arrived.len());
        while times_ms.len() < arrived.len() {
            let (seq, at) = next(told)?;
            let since = arrived.get(&seq).map_or(Duration::ZERO, |arrived| at - *arrived);
            times_ms.push(since.as_secs_f64() * 1e3);
        }
        Ok(Latency::of(&times_ms))
    })
}

/// Events that arrive evenly.
struct Arrivals {
    started: Instant,
    events_per_s: f64,
}

impl Arrivals {
    /// When the event with this number arrives, counted from 1.
    fn due(&self, number: usize) -> Instant {
        self.started + Duration::from_secs_f64(number as f64 / self.events_per_s)
    }

    fn so_far(&self) -> usize {
        (self.started.elapsed().as_secs_f64() * self.events_per_s) as usize
    }
}

fn parsed(subject: &Subject, events_max: usize) -> Result<Vec<NewEvent>, Failure> {
    let events = subject.workload.sample.iter().take(events_max);
    Ok(events
        .map(|json| parse_event(json.as_bytes(), subject.limits.event_bytes_max))
        .collect::<Result<_, _>>()?)
}

type Told = Receiver<(EventSeq, Instant)>;

/// Runs a queue over a new database for as long as `work` takes.
fn with_queue<T>(
    subject: &Subject,
    work: impl FnOnce(&Host, &Told) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let folder = subject.folder.for_one()?;
    let host = Host::open(subject, &folder.path().join("latency.db"))?;
    let (tell, told) = crossbeam_channel::unbounded();
    let queue = host.start(subject, Some(Box::new(Stopwatch { noted: Vec::new(), tell })))?;
    let measured = work(&host, &told);
    queue.stopper().stop();
    let watchdog = Watchdog::start(queue.stopper(), WAIT)?;
    queue.join()?;
    watchdog.dismiss()?;
    measured
}

/// Tells when an event was settled.
struct Stopwatch {
    noted: Vec<Option<EventSeq>>,
    tell: Sender<(EventSeq, Instant)>,
}

impl Announcer for Stopwatch {
    fn note(&mut self, finished: &Finished) {
        let settled = &finished.settled;
        let is_over = !matches!(settled.settlement, Settlement::RetryAt(_));
        self.noted.push(is_over.then_some(settled.lease.event));
    }

    fn tell(&mut self, fates: &[SettleFate]) {
        let now = Instant::now();
        let recorded = self.noted.drain(..).zip(fates).filter(|(_, fate)| **fate != SettleFate::LeaseLost);
        for seq in recorded.filter_map(|(seq, _)| seq) {
            // Nobody listens any more once a measurement has failed.
            let _ = self.tell.send((seq, now));
        }
    }
}

fn next(told: &Told) -> Result<(EventSeq, Instant), Failure> {
    told.recv_timeout(WAIT).map_err(|_| {
        Failure::work(format!("an event was not settled within {} s; is it retried?", WAIT.as_secs()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_arrive_evenly() {
        let arrivals = Arrivals { started: Instant::now(), events_per_s: 1000.0 };
        assert_eq!(arrivals.due(5) - arrivals.due(3), Duration::from_millis(2));
        assert_eq!(arrivals.due(1000) - arrivals.started, Duration::from_secs(1));
    }
}
