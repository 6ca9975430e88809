//! A handler's code, compiled and linked, on one engine. What it is called like depends on its [`Abi`]; what
//! frames the call is in `run`, the same for all.

mod component;
mod core;

pub use component::ComponentProgram;
pub use core::CoreProgram;

use wasmtime::{Engine, Store};

use super::attempt_state::AttemptState;
use super::engine::{SandboxConfig, start_component_engine, start_engine};
use super::error::SandboxError;
use crate::event::Verdict;

/// Cheap to clone; the code is shared.
#[derive(Clone)]
pub enum Program {
    Core(CoreProgram),
    Component(ComponentProgram),
}

impl Program {
    /// The same program on an engine of its own, from its code as this process serialized it.
    pub fn replica(&self, config: &SandboxConfig, code: &[u8]) -> Result<Self, SandboxError> {
        match self {
            Program::Core(core) => {
                let (engine, _) = start_engine(config)?;
                Ok(Program::Core(core.replica(&engine, code)?))
            }
            Program::Component(component) => {
                let engine = start_component_engine(config)?;
                Ok(Program::Component(component.replica(&engine, code)?))
            }
        }
    }

    pub fn engine(&self) -> &Engine {
        match self {
            Program::Core(core) => core.engine(),
            Program::Component(component) => component.engine(),
        }
    }

    /// Fuel that an attempt uses at its start without wasmtime's counting.
    pub fn fuel_held_back(&self) -> u64 {
        match self {
            Program::Core(core) => core.fuel_held_back(),
            Program::Component(_) => 0,
        }
    }

    /// Makes an instance, calls it once and reads what it said.
    ///
    /// # Errors
    /// When the guest did not return: a trap, a limit, or what an import ended it with.
    pub fn call(&self, store: &mut Store<AttemptState>) -> wasmtime::Result<Verdict> {
        match self {
            Program::Core(core) => core.call(store),
            Program::Component(component) => component.call(store),
        }
    }

    /// The core module; the guests of these tests are all of this kind.
    #[cfg(test)]
    pub fn core(&mut self) -> &mut CoreProgram {
        match self {
            Program::Core(core) => core,
            Program::Component(_) => panic!("it is a component"),
        }
    }
}
