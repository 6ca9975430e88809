//! A queue with its store, in this process, as `run` would start it.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use super::subject::{NAME, Subject};
use crate::backlog::Backlog;
use crate::cli::Failure;
use crate::clock::Clock;
use crate::event::NewEvent;
use crate::observe::Tally;
use crate::queue::{Announcer, Company, HostParts, Queue, QueueConfig, WhenDrained};
use crate::route::Router;
use crate::store::sqlite::SqliteStore;
use crate::store::{Addressed, Lease, ModuleIdentity, Registered, Route};

pub struct Host {
    pub store: Arc<SqliteStore>,
    pub registered: Registered,
    pub parts: HostParts,
}

impl Host {
    /// An event on its way to the one handler.
    pub fn addressed(&self, event: NewEvent) -> Addressed {
        Addressed { event, to: Route::One(self.registered.handler) }
    }

    pub fn open(subject: &Subject, db: &Path) -> Result<Self, Failure> {
        let clock = Arc::new(Clock::System);
        let store = Arc::new(SqliteStore::open(db, clock.clone())?);
        let module = ModuleIdentity {
            handler: NAME.into(),
            sha256: subject.handler.facts().sha256,
            engine: subject.sandbox.fingerprint(),
            limits: subject.limits,
            grants: subject.handler.grants().recorded(),
        };
        let registered = store.register(&module, subject.handler.bytes())?;
        let parts = HostParts {
            store: store.clone(),
            clock,
            tally: Arc::new(Tally::default()),
            backlog: Arc::new(Backlog::default()),
            router: Arc::new(Router::to_one(registered.handler)),
        };
        Ok(Host { store, registered, parts })
    }

    pub fn start(&self, subject: &Subject, announcer: Option<Box<dyn Announcer>>) -> Result<Queue, Failure> {
        let config = QueueConfig {
            handler: subject.handler.clone(),
            registered: self.registered,
            policy: subject.policy,
            workers: subject.workers,
            when_drained: WhenDrained::LeaveRetries,
            switch: Arc::default(),
            company: Arc::new(Company::of(NonZeroUsize::MIN)),
        };
        Queue::start(config, self.parts.clone(), announcer)
            .map_err(|e| Failure::work(format!("the machine gives no thread for the queue: {e}")))
    }
}
