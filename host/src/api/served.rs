//! A handler as it is served: what it is, what runs of it now, and whether it runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::event::Filter;
use crate::limits::Limits;
use crate::sandbox::Handler;
use crate::store::{Activity, HandlerId, Maintain, StoreError};
use crate::switch::Switch;

/// One of the handlers of this server. Whoever changes its module says so here.
pub struct ServedHandler {
    pub id: HandlerId,
    pub name: String,
    pub limits: Limits,
    /// `None`: it takes every event.
    pub filter: Option<Filter>,
    /// Off while it is paused.
    pub switch: Arc<Switch>,
    module: Mutex<ServedModule>,
    /// Held while the switch and what the store remembers of it are changed together.
    turning: Mutex<()>,
}

/// The module that runs.
#[derive(Clone)]
pub struct ServedModule {
    pub sha256: String,
    /// To try an event on it.
    pub handler: Handler,
    /// What fuel counts depend on.
    pub engine: String,
    /// Why a newer file of it is kept out.
    pub reload_error: Option<String>,
}

impl ServedHandler {
    pub fn new(
        id: HandlerId,
        name: String,
        limits: Limits,
        filter: Option<Filter>,
        module: ServedModule,
    ) -> Self {
        let (module, turning) = (Mutex::new(module), Mutex::new(()));
        ServedHandler { id, name, limits, filter, switch: Arc::default(), module, turning }
    }

    pub fn module(&self) -> ServedModule {
        self.lock().clone()
    }

    /// Another module has taken its place.
    pub fn swapped(&self, module: ServedModule) {
        *self.lock() = module;
    }

    /// A newer file is kept out for this reason; without one, the file is again what runs.
    pub fn kept_out(&self, reason: Option<String>) {
        self.lock().reload_error = reason;
    }

    pub fn activity(&self) -> Activity {
        if self.switch.is_off() { Activity::Paused } else { Activity::Running }
    }

    /// Does what the store remembers.
    pub fn set_activity(&self, activity: Activity) {
        match activity {
            Activity::Running => self.switch.turn_on(),
            Activity::Paused => self.switch.turn_off(),
        }
    }

    /// Pauses it or lets it run, once that is remembered.
    pub fn turn(&self, activity: Activity, store: &dyn Maintain) -> Result<(), StoreError> {
        let _turning = self.turning.lock().unwrap_or_else(PoisonError::into_inner);
        store.set_activity(self.id, activity)?;
        self.set_activity(activity);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, ServedModule> {
        self.module.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
