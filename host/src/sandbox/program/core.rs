//! A core module, linked to the imports of its ABI.

use std::sync::Arc;

use wasmtime::{
    Engine, Instance, InstancePre, Module, ModuleExport, Store, TypedFunc, WasmParams, WasmResults,
};

use crate::event::Verdict;
use crate::sandbox::abi::{CoreAbi, core_v1, wasi_command};
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::engine::unusable;
use crate::sandbox::error::SandboxError;
use crate::sandbox::resident::{Image, with_image};

#[derive(Clone)]
pub struct CoreProgram {
    abi: CoreAbi,
    pub pre: InstancePre<AttemptState>,
    entry: ModuleExport,
    /// The module's data, where memories stay resident; else it is empty, and the data in the module.
    pub image: Arc<Image>,
}

impl CoreProgram {
    pub fn link(abi: CoreAbi, module: &Module, image: Arc<Image>) -> wasmtime::Result<Self> {
        let linker = match abi {
            CoreAbi::V1 => core_v1::linker(module.engine())?,
            CoreAbi::WasiCommand => wasi_command::linker(module.engine())?,
        };
        let entry = module.get_export_index(abi.entry());
        let entry = entry.ok_or_else(|| wasmtime::format_err!("the module has no entry"))?;
        Ok(CoreProgram { abi, pre: linker.instantiate_pre(module)?, entry, image })
    }

    pub fn replica(&self, engine: &Engine, code: &[u8]) -> Result<Self, SandboxError> {
        // SAFETY: the code was compiled and serialized by this process, for the same settings.
        let module = unsafe { Module::deserialize(engine, code) }.map_err(unusable)?;
        CoreProgram::link(self.abi, &module, Arc::new(self.image.replica())).map_err(unusable)
    }

    pub fn engine(&self) -> &Engine {
        self.pre.module().engine()
    }

    pub fn fuel_held_back(&self) -> u64 {
        self.image.copied_bytes()
    }

    pub fn call(&self, store: &mut Store<AttemptState>) -> wasmtime::Result<Verdict> {
        match self.abi {
            CoreAbi::V1 => core_v1::call(&self.entry(store)?, store),
            CoreAbi::WasiCommand => wasi_command::call(&self.entry(store)?, store),
        }
    }

    pub fn instantiate(&self, store: &mut Store<AttemptState>) -> wasmtime::Result<Instance> {
        with_image(&self.image, || self.pre.instantiate(store))
    }

    /// Makes an instance and gives its entry point.
    pub fn entry<P: WasmParams, R: WasmResults>(
        &self,
        store: &mut Store<AttemptState>,
    ) -> wasmtime::Result<TypedFunc<P, R>> {
        let instance = self.instantiate(store)?;
        let entry = instance
            .get_module_export(&mut *store, &self.entry)
            .and_then(wasmtime::Extern::into_func)
            .ok_or_else(|| wasmtime::format_err!("the entry point is gone"))?;
        entry.typed(&*store)
    }
}
