//! One instance reused: the floor that fresh instances are measured against. For `bench` alone; the
//! queue has no road to it.

use wasmtime::{Store, TypedFunc};

use super::abi::core_v1::verdict_of_code;
use super::abi::{Abi, CoreAbi};
use super::attempt_state::AttemptState;
use super::engine::one_line;
use super::handler::Handler;
use super::program::Program;
use crate::clock::UnixMillis;
use crate::event::{Report, Verdict};

/// An instance that outlives its event.
pub struct WarmInstance {
    store: Store<AttemptState>,
    entry: TypedFunc<i32, i32>,
    handler: Handler,
}

impl Handler {
    /// Whether an instance of it could be called a second time: a program ends with its main function, and a
    /// component's instance is not made for it here.
    pub fn can_be_reused(&self) -> bool {
        self.facts().abi == Abi::Core(CoreAbi::V1)
    }

    /// Makes an instance to be called more than once.
    ///
    /// # Errors
    /// One line that says why there is none.
    pub fn warm(&self) -> Result<WarmInstance, String> {
        let Program::Core(core) = &self.program else {
            return Err("a component cannot be called twice here".into());
        };
        let mut store = Store::new(core.engine(), state(self, String::new().into()));
        let made = self.set_bounds(&mut store).and_then(|()| core.entry(&mut store));
        let entry = made.map_err(|error| one_line(&error))?;
        Ok(WarmInstance { store, entry, handler: self.clone() })
    }
}

impl WarmInstance {
    /// Handles one more event.
    ///
    /// # Errors
    /// One line that says how the guest ended otherwise than by returning.
    pub fn call(&mut self, event: Box<str>) -> Result<Report, String> {
        let event_len = i32::try_from(event.len()).map_err(|e| e.to_string())?;
        let mut next = state(&self.handler, event);
        next.memory = self.store.data().memory;
        *self.store.data_mut() = next;
        self.store.set_fuel(self.handler.limits.fuel_max).map_err(|error| one_line(&error))?;
        let code = self.entry.call(&mut self.store, event_len).map_err(|error| one_line(&error))?;
        let verdict: Verdict = verdict_of_code(code, self.store.data_mut());
        let logs = std::mem::take(&mut self.store.data_mut().logs);
        Ok(Report { logs, ..Report::bare(verdict) })
    }
}

fn state(handler: &Handler, event: Box<str>) -> AttemptState {
    let (name, grants) = (handler.name.clone(), handler.grants.clone());
    AttemptState::new(event, 1, UnixMillis::default(), 0, name, handler.limits, grants)
}
