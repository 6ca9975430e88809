//! A component, linked to the interfaces it imports.

use wasmtime::component::{Component, ComponentExportIndex, InstancePre};
use wasmtime::{Engine, Store};

use crate::event::Verdict;
use crate::sandbox::abi::component::{ComponentAbi, command, entry, handler_v1, http, linker};
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::engine::unusable;
use crate::sandbox::error::SandboxError;

#[derive(Clone)]
pub struct ComponentProgram {
    abi: ComponentAbi,
    pre: InstancePre<AttemptState>,
    entry: ComponentExportIndex,
}

impl ComponentProgram {
    pub fn link(abi: ComponentAbi, component: &Component) -> wasmtime::Result<Self> {
        let entry = entry(abi, component);
        let entry = entry.ok_or_else(|| wasmtime::format_err!("the component has no entry"))?;
        Ok(ComponentProgram { abi, pre: linker(component)?.instantiate_pre(component)?, entry })
    }

    pub fn replica(&self, engine: &Engine, code: &[u8]) -> Result<Self, SandboxError> {
        // SAFETY: the code was compiled and serialized by this process, for the same settings.
        let component = unsafe { Component::deserialize(engine, code) }.map_err(unusable)?;
        ComponentProgram::link(self.abi, &component).map_err(unusable)
    }

    pub fn engine(&self) -> &Engine {
        self.pre.component().engine()
    }

    pub fn call(&self, store: &mut Store<AttemptState>) -> wasmtime::Result<Verdict> {
        if self.abi != ComponentAbi::Command {
            store.data_mut().log_what_is_printed();
        }
        let instance = self.pre.instantiate(&mut *store)?;
        match self.abi {
            ComponentAbi::V1 => handler_v1::call(&instance, &self.entry, store),
            ComponentAbi::Command => command::call(&instance, &self.entry, store),
            ComponentAbi::Http => http::call(&instance, &self.entry, store),
        }
    }
}
