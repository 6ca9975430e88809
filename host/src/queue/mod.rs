//! The queue at work: claims events, runs each in a fresh instance, decides, settles.
//!
//! Threads, and what flows between them:
//!
//! ```text
//! dispatcher ── Leased ──> workers ── Finished ──> settler ──> store
//!     ^                                               │
//!     └────────────── room in flight ─────────────────┘
//! ```
//!
//! Each handler has a queue of its own; those of a process are one [`Company`], and end together.
//!
//! Only this room knows both the store and the sandbox. What is in flight is bounded as a whole;
//! the channels themselves are not, for two bounded pipes that feed each other can lock up.

mod attempt;
mod company;
mod dispatcher;
mod in_flight;
mod pruner;
mod recovery;
mod settler;
mod shared;
mod worker;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::backlog::Backlog;
use crate::clock::Clock;
use crate::event::RetryPolicy;
use crate::observe::Tally;
use crate::route::Router;
use crate::sandbox::Handler;
use crate::store::{Lease, Registered, StoreError};
use crate::switch::Switch;

pub use company::Company;
pub use pruner::{Pruner, PrunerParts};
pub use settler::{Announcer, Finished};
use shared::Shared;

/// Stack of a thread that runs guests: the guest's own bound and room for the host's frames.
const THREAD_STACK_SPARE_BYTES: usize = 1024 * 1024;

/// A queue that gets on takes no longer than this for a step, an attempt's own time aside.
const STEP_TIME_MAX: Duration = Duration::from_secs(30);

/// What one handler's queue needs.
pub struct QueueConfig {
    pub handler: Handler,
    pub registered: Registered,
    pub policy: RetryPolicy,
    pub workers: NonZeroUsize,
    pub when_drained: WhenDrained,
    /// While it is off, the events wait.
    pub switch: Arc<Switch>,
    /// The queues of this process, this one included.
    pub company: Arc<Company>,
}

/// The parts of the host that the queue works with.
#[derive(Clone)]
pub struct HostParts {
    pub store: Arc<dyn Lease>,
    pub clock: Arc<Clock>,
    pub tally: Arc<Tally>,
    pub backlog: Arc<Backlog>,
    /// Where it goes what handlers emit.
    pub router: Arc<Router>,
}

/// When a draining queue is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenDrained {
    /// When every event is settled, those that wait for a retry included.
    AwaitRetries,
    /// When nothing is due; later retries are left for another run.
    LeaveRetries,
}

/// A queue at work. Its [`Stopper`] ends it; [`Queue::join`] waits for that.
pub struct Queue {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Queue {
    /// Starts the threads. The announcer, if there is one, is called on the settler's thread.
    ///
    /// # Errors
    /// When the machine gives no thread, or no engine for one.
    pub fn start(
        config: QueueConfig,
        host: HostParts,
        announcer: Option<Box<dyn Announcer>>,
    ) -> std::io::Result<Self> {
        let stack_bytes = config.handler.stack_bytes_max() + THREAD_STACK_SPARE_BYTES;
        let workers = config.workers.get();
        let handlers = config.handler.clone().replicas(config.workers).map_err(std::io::Error::other)?;
        let shared = Arc::new(Shared::new(config, host));
        let (to_workers, leased) = crossbeam_channel::unbounded();
        let (to_settler, finished) = crossbeam_channel::unbounded();
        let mut threads = Vec::with_capacity(workers + 2);
        let watched = shared.clone();
        let mut spawn = |name: String, body: Box<dyn FnOnce() + Send>| {
            let thread = std::thread::Builder::new().name(name).stack_size(stack_bytes);
            let shared = watched.clone();
            thread.spawn(move || shared.guard(body)).map(|handle| threads.push(handle))
        };
        for (number, handler) in handlers.into_iter().enumerate() {
            let (shared, leased, to_settler) = (shared.clone(), leased.clone(), to_settler.clone());
            let body = move || worker::run(&handler, &shared, &leased, &to_settler);
            spawn(format!("evq-worker-{number}"), Box::new(body))?;
        }
        let settling = shared.clone();
        spawn("evq-settler".into(), Box::new(move || settler::run(&settling, &finished, announcer)))?;
        let dispatching = shared.clone();
        spawn(
            "evq-dispatcher".into(),
            Box::new(move || dispatcher::run(&dispatching, to_workers, to_settler)),
        )?;
        Ok(Queue { shared, threads })
    }

    /// A handle that can end the queue from elsewhere.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.shared.clone())
    }

    /// Whether its threads are gone: it was stopped, or it failed, which [`Queue::join`] tells.
    pub fn has_ended(&self) -> bool {
        self.threads.iter().all(JoinHandle::is_finished)
    }

    /// The storage failure that ends it, as soon as there is one.
    pub fn failure(&self) -> Option<StoreError> {
        self.shared.failure()
    }

    /// Whether it moves: something is settled, or looked for where nothing is in flight, or it is
    /// paused. An attempt may take `attempt_time_max`.
    pub fn gets_on(&self, attempt_time_max: Duration) -> bool {
        let in_flight = &self.shared.in_flight;
        let is_at_rest = self.shared.switch.is_off() && in_flight.is_empty();
        is_at_rest || in_flight.stands_still_for() < attempt_time_max + STEP_TIME_MAX
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// The storage failure that ended the queue, if one did. Nothing was settled after it.
    pub fn join(self) -> Result<(), StoreError> {
        for thread in self.threads {
            // Its panic, if there was one, is the failure below.
            let _ = thread.join();
        }
        self.shared.failure().map_or(Ok(()), Err)
    }
}

/// Ends a queue from elsewhere, such as where signals are caught.
#[derive(Clone)]
pub struct Stopper(Arc<Shared>);

impl Stopper {
    /// Ends the queue once it and all its company have nothing left to do. To be called when no more will be
    /// enqueued.
    pub fn drain(&self) {
        self.0.drain();
    }

    /// Ends the queue soon: what runs is finished and settled, what is only claimed is given back.
    pub fn stop(&self) {
        self.0.stop();
    }
}
