//! What the queue's threads share: the parts they work with and how far the end has come.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::in_flight::InFlight;
use super::{Company, HostParts, QueueConfig, WhenDrained};
use crate::backlog::Backlog;
use crate::clock::Clock;
use crate::event::RetryPolicy;
use crate::observe::Tally;
use crate::route::Router;
use crate::store::{Lease, Registered, StoreError};
use crate::switch::Switch;

pub struct Shared {
    pub registered: Registered,
    pub policy: RetryPolicy,
    pub when_drained: WhenDrained,
    pub switch: Arc<Switch>,
    pub router: Arc<Router>,
    pub store: Arc<dyn Lease>,
    pub clock: Arc<Clock>,
    pub tally: Arc<Tally>,
    pub backlog: Arc<Backlog>,
    pub in_flight: InFlight,
    pub company: Arc<Company>,
    draining: AtomicBool,
    stopping: AtomicBool,
    failure: Mutex<Option<StoreError>>,
}

impl Shared {
    pub fn new(config: QueueConfig, host: HostParts) -> Self {
        Shared {
            registered: config.registered,
            policy: config.policy,
            when_drained: config.when_drained,
            switch: config.switch,
            router: host.router,
            store: host.store,
            clock: host.clock,
            tally: host.tally,
            backlog: host.backlog,
            in_flight: InFlight::one_of(config.company.queues()),
            company: config.company,
            draining: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            failure: Mutex::new(None),
        }
    }

    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
        self.store.wake(self.registered.handler);
    }

    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.backlog.close();
        self.in_flight.wake();
        self.company.wake();
        self.switch.ring();
        self.store.wake(self.registered.handler);
    }

    /// While the handler is paused nothing is claimed. Ends with the queue.
    pub fn wait_while_paused(&self) {
        while self.switch.is_off() && !self.is_stopping() {
            self.switch.wait();
        }
    }

    /// Whether what is claimed is to be given back, not begun.
    pub fn is_holding_back(&self) -> bool {
        self.is_stopping() || self.switch.is_off()
    }

    /// Ends the queue for a storage failure; the first one is the one to tell.
    pub fn fail(&self, error: StoreError) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.company.end();
        self.stop();
    }

    /// Runs a thread's body. A fault of our own code in it ends the queue instead of leaving the other
    /// threads to wait for what will not come; nothing is settled after it.
    pub fn guard(&self, body: Box<dyn FnOnce() + Send>) {
        if catch_unwind(AssertUnwindSafe(body)).is_err() {
            self.fail(StoreError::Stopped { reason: "a thread of the queue panicked".into() });
            self.in_flight.abandon();
        }
    }

    pub fn failure(&self) -> Option<StoreError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
