//! The threads that run attempts again.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::ReplayError;
use crate::event::Report;
use crate::sandbox::{Answers, Handler, Invocation};
use crate::store::{RecordedAttempt, RecordedEvent};

/// Room on a thread's stack beside what its guest may use.
const STACK_SPARE_BYTES: u64 = 1024 * 1024;

/// No thread gets more: limits come from the database, which anybody may have written.
const STACK_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// A recorded attempt to be run again.
pub struct Job {
    pub event: Arc<RecordedEvent>,
    /// The attempt's place in the event.
    pub place: usize,
    pub handler: Handler,
}

impl Job {
    pub fn attempt(&self) -> &RecordedAttempt {
        &self.event.attempts[self.place]
    }

    /// Runs it on the very inputs that the recorded attempt had.
    fn run(&self) -> Report {
        self.handler.invoke(invocation(&self.event, self.attempt())).report
    }
}

/// What the handler knew of the event in that attempt.
pub fn invocation(event: &RecordedEvent, attempt: &RecordedAttempt) -> Invocation {
    let RecordedEvent { json, accepted_at, hops, .. } = event;
    Invocation {
        event: (**json).into(),
        attempt: attempt.number,
        accepted_at: *accepted_at,
        hops: *hops,
        answers: Answers::Recorded(attempt.exchanges.clone()),
    }
}

/// The stack of a thread whose guests may use so much.
pub fn stack_bytes(stack_bytes_max: u64) -> usize {
    let bytes = stack_bytes_max.saturating_add(STACK_SPARE_BYTES).min(STACK_BYTES_MAX);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Threads at work, and what they made of their jobs.
pub struct Crew<T> {
    jobs: Sender<Job>,
    done: Receiver<Option<T>>,
}

impl<T: Send> Crew<T> {
    /// Keeps `workers` threads while `body` gives them jobs. `judge` runs on those threads.
    pub fn at_work<R>(
        workers: NonZeroUsize,
        stack_bytes_max: u64,
        judge: &(dyn Fn(&Job, Report) -> T + Sync),
        body: impl FnOnce(&Crew<T>) -> Result<R, ReplayError>,
    ) -> Result<R, ReplayError> {
        let stack_bytes = stack_bytes(stack_bytes_max);
        std::thread::scope(|scope| {
            let (jobs, to_do) = crossbeam_channel::unbounded();
            let (to_done, done) = crossbeam_channel::unbounded();
            for number in 0..workers.get() {
                let (to_do, to_done) = (to_do.clone(), to_done.clone());
                std::thread::Builder::new()
                    .name(format!("evq-replay-{number}"))
                    .stack_size(stack_bytes)
                    .spawn_scoped(scope, move || work(&to_do, &to_done, judge))
                    .map_err(|e| ReplayError::NoThread(e.to_string()))?;
            }
            body(&Crew { jobs, done })
        })
    }

    /// Has these jobs done, and gives `each` what became of them as it comes.
    pub fn run(&self, jobs: Vec<Job>, each: &mut dyn FnMut(T)) -> Result<(), ReplayError> {
        let count = jobs.len();
        for job in jobs {
            // The threads hold the other end for as long as this one is there.
            let _ = self.jobs.send(job);
        }
        for _ in 0..count {
            each(self.done.recv().ok().flatten().ok_or(ReplayError::Panicked)?);
        }
        Ok(())
    }
}

/// Every job has an answer, so that nobody waits for one in vain.
fn work<T>(to_do: &Receiver<Job>, to_done: &Sender<Option<T>>, judge: &(dyn Fn(&Job, Report) -> T + Sync)) {
    for job in to_do {
        let judged = catch_unwind(AssertUnwindSafe(|| judge(&job, job.run())));
        let _ = to_done.send(judged.ok());
    }
}
