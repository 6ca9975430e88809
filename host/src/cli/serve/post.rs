//! One handler at work: its queue, and those of modules that it replaced whose last attempts still end.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::announce::{Listeners, Teller};
use super::stamp::{Stamp, Watched};
use crate::api::{ServedHandler, ServedModule};
use crate::cli::Failure;
use crate::cli::loaded::Loaded;
use crate::config::HandlerSettings;
use crate::queue::{Company, HostParts, Queue, QueueConfig, WhenDrained};
use crate::store::{ModuleIdentity, Registered, StoreError};

/// What all posts share.
pub struct Workshop {
    pub host: HostParts,
    pub listeners: Listeners,
    /// Of each handler.
    pub workers: NonZeroUsize,
    pub company: Arc<Company>,
}

/// Of one handler: one on each worker, and one that is tried over HTTP.
pub fn attempts_at_a_time(workers: NonZeroUsize) -> usize {
    workers.get() + 1
}

/// What is said of a module that runs.
pub fn told(loaded: &Loaded) -> ServedModule {
    let ModuleIdentity { sha256, engine, .. } = &loaded.identity;
    ServedModule {
        sha256: hex::encode(sha256),
        handler: loaded.handler.clone(),
        engine: engine.clone(),
        reload_error: None,
    }
}

/// A handler that is not at work yet.
pub struct Opening {
    pub settings: HandlerSettings,
    pub served: Arc<ServedHandler>,
    /// Of the module's file, before it was read.
    pub stamp: Option<Stamp>,
    pub loaded: Loaded,
    pub registered: Registered,
}

pub struct Post {
    pub settings: HandlerSettings,
    pub served: Arc<ServedHandler>,
    pub watched: Watched,
    sha256: [u8; 32],
    queue: Queue,
    retiring: Vec<Queue>,
}

impl Post {
    /// Starts its queue.
    pub fn open(opening: Opening, workshop: &Workshop) -> Result<Self, Failure> {
        let Opening { settings, served, stamp, loaded, registered } = opening;
        let (watched, sha256) = (Watched::since(stamp), loaded.identity.sha256);
        let queue = start(&settings, &served, loaded, registered, workshop)?;
        Ok(Post { settings, served, watched, sha256, queue, retiring: Vec::new() })
    }

    /// Puts another module in the place of the one that runs, unless it is the same. What runs is
    /// finished by the old one.
    pub fn swap(&mut self, loaded: Loaded, workshop: &Workshop) -> Result<Swap, Failure> {
        if loaded.identity.sha256 == self.sha256 {
            return Ok(Swap::Same);
        }
        let (sha256, told) = (loaded.identity.sha256, told(&loaded));
        let registered = loaded.register(&*workshop.host.store)?;
        let queue = start(&self.settings, &self.served, loaded, registered, workshop)?;
        let old = std::mem::replace(&mut self.queue, queue);
        old.stopper().stop();
        self.retiring.push(old);
        self.sha256 = sha256;
        self.served.swapped(told);
        Ok(Swap::Done)
    }

    /// Lets go of queues that have ended.
    ///
    /// # Errors
    /// The storage failure that ended one of them. A queue that nobody stopped ends with one alone.
    pub fn look_after(&mut self) -> Result<(), StoreError> {
        for queue in self.retiring.extract_if(.., |queue| queue.has_ended()) {
            queue.join()?;
        }
        self.queue.failure().map_or(Ok(()), Err)
    }

    pub fn gets_on(&self) -> bool {
        let attempt_time_max = self.settings.limits.wall_clock_max;
        self.retiring.iter().chain([&self.queue]).all(|queue| queue.gets_on(attempt_time_max))
    }

    pub fn stop(&self) {
        self.queue.stopper().stop();
    }

    /// Waits until all that runs is settled.
    pub fn close(self) -> Result<(), StoreError> {
        let queues = self.retiring.into_iter().chain([self.queue]);
        queues.map(Queue::join).fold(Ok(()), Result::and)
    }
}

/// What became of a module that was looked at anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swap {
    Done,
    /// It is what runs already.
    Same,
}

fn start(
    settings: &HandlerSettings,
    served: &ServedHandler,
    loaded: Loaded,
    registered: Registered,
    workshop: &Workshop,
) -> Result<Queue, Failure> {
    let sha256 = hex::encode(loaded.identity.sha256);
    let teller = Teller::new(served.name.clone(), sha256, workshop.listeners.clone());
    let config = QueueConfig {
        handler: loaded.handler,
        registered,
        policy: settings.policy,
        workers: workshop.workers,
        when_drained: WhenDrained::LeaveRetries,
        switch: served.switch.clone(),
        company: workshop.company.clone(),
    };
    Queue::start(config, workshop.host.clone(), Some(Box::new(teller)))
        .map_err(|e| Failure::work(format!("the machine gives no thread for the queue: {e}")))
}
