//! Handlers that are read and compiled, on their way into the database.

use super::Failure;
use super::handler_options::{load, load_silently};
use crate::config::HandlerSettings;
use crate::route::Rule;
use crate::sandbox::{Handler, Sandbox};
use crate::store::{Lease, ModuleIdentity, Registered, StoreError};

/// A module that was read and compiled, and has not run yet.
pub struct Loaded {
    pub handler: Handler,
    pub identity: ModuleIdentity,
}

impl Loaded {
    fn of((sandbox, handler): (Sandbox, Handler)) -> Self {
        let identity = ModuleIdentity {
            handler: handler.name().to_owned(),
            sha256: handler.facts().sha256,
            engine: sandbox.fingerprint(),
            limits: *sandbox.limits(),
            grants: handler.grants().recorded(),
        };
        Loaded { handler, identity }
    }

    /// Reads every module, for so many attempts at a time of each. What is to be warned of is the same for
    /// all, and is said once. To be done before the database is opened: a module that is no handler changes
    /// nothing.
    pub fn all(settings: &[HandlerSettings], slots: usize) -> Result<Vec<Self>, Failure> {
        let loaded = settings.iter().enumerate().map(|(place, settings)| {
            let load = if place == 0 { load } else { load_silently };
            load(settings, slots).map(Loaded::of)
        });
        loaded.collect()
    }

    /// Reads a module that is in its file now.
    pub fn anew(settings: &HandlerSettings, slots: usize) -> Result<Self, Failure> {
        load_silently(settings, slots).map(Loaded::of)
    }

    pub fn register(&self, store: &dyn Lease) -> Result<Registered, StoreError> {
        store.register(&self.identity, self.handler.bytes())
    }
}

/// Which events go to a handler.
pub fn rule(settings: &HandlerSettings, registered: Registered) -> Rule {
    Rule { handler: registered.handler, filter: settings.filter.clone() }
}
