//! Loops over instances, without a queue: one reused, or a fresh one for each event.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use super::subject::first_attempt;
use crate::cli::Failure;
use crate::event::Verdict;
use crate::sandbox::{Handler, WarmInstance};

/// Events of one reused instance. The SDK's handlers never give memory back; after more events than
/// this they would have to grow it, which is no part of a floor. The first event of each pays for
/// the pages that the others find.
const WARM_EVENTS: usize = 64;

/// A thread's stack beyond the guest's own.
const STACK_SPARE_BYTES: usize = 1024 * 1024;

/// Events a second when one instance handles event after event.
pub fn reused(handler: &Handler, events: &[Box<str>]) -> Result<f64, Failure> {
    let mut elapsed = Duration::ZERO;
    for events in events.chunks(WARM_EVENTS) {
        let instance = handler.warm().map_err(|e| Failure::work(format!("no instance to reuse: {e}")))?;
        elapsed += time_reused(instance, events.to_vec());
    }
    Ok(events.len() as f64 / elapsed.as_secs_f64())
}

fn time_reused(mut instance: WarmInstance, events: Vec<Box<str>>) -> Duration {
    let started = Instant::now();
    for event in events {
        // How an event ends was told before the bench began. After a trap the instance still
        // answers, if only with another.
        let _ = std::hint::black_box(instance.call(event));
    }
    started.elapsed()
}

/// Events a second over all threads, one a handler, when each event gets a fresh instance.
pub fn fresh(handlers: &[Handler], events: &[Box<str>]) -> Result<f64, Failure> {
    let threads = handlers.len();
    let ready = Barrier::new(threads);
    let share = events.len().div_ceil(threads);
    let spans: std::io::Result<Vec<Span>> = std::thread::scope(|scope| {
        let shares: Vec<_> = (0..threads)
            .map(|n| &events[(n * share).min(events.len())..((n + 1) * share).min(events.len())])
            .collect();
        let start = |(events, handler): (&[Box<str>], &Handler)| {
            let (events, ready) = (events.to_vec(), &ready);
            let (handler, stack_bytes) = (handler.clone(), handler.stack_bytes_max() + STACK_SPARE_BYTES);
            let thread = std::thread::Builder::new().stack_size(stack_bytes);
            thread.spawn_scoped(scope, move || {
                ready.wait();
                time_fresh(&handler, events)
            })
        };
        let running: std::io::Result<Vec<_>> = shares.into_iter().zip(handlers).map(start).collect();
        running?.into_iter().map(|t| t.join().map_err(|_| std::io::Error::other("it panicked"))).collect()
    });
    let spans = spans.map_err(|e| Failure::work(format!("no thread to run instances on: {e}")))?;
    Ok(events.len() as f64 / elapsed(&spans).as_secs_f64())
}

struct Span {
    from: Instant,
    to: Instant,
}

/// From the first thread's start to the last one's end.
fn elapsed(spans: &[Span]) -> Duration {
    let from = spans.iter().map(|span| span.from).min();
    let to = spans.iter().map(|span| span.to).max();
    from.zip(to).map_or(Duration::ZERO, |(from, to)| to - from)
}

fn time_fresh(handler: &Handler, events: Vec<Box<str>>) -> Span {
    let from = Instant::now();
    for event in events {
        let invoked = handler.invoke(first_attempt(event));
        debug_assert!(!matches!(invoked.report.verdict, Verdict::HostPanicked { .. }));
        std::hint::black_box(invoked);
    }
    Span { from, to: Instant::now() }
}
