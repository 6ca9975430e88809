//! From a module's bytes to a program: compiled, its ABI found, linked.

use std::path::Path;

use wasmtime::component::Component;

use super::abi::{self, Abi};
use super::compile::{Compiled, compile_component, compile_module};
use super::componentize::componentize;
use super::engine::{Sandbox, one_line, start_component_engine};
use super::error::LoadError;
use super::program::{ComponentProgram, CoreProgram, Program};
use super::resident::Extracted;
use crate::limits::Limits;

/// A program, and what is told of it.
pub struct Loaded {
    pub program: Program,
    /// Compiled, as wasmtime serializes it.
    pub code: Vec<u8>,
    pub abi: Abi,
    /// Each as `module.name`, or an interface.
    pub imports: Vec<String>,
    /// Linear memory at the start of every attempt.
    pub memory_bytes_min: u64,
}

impl Sandbox {
    /// Loads what a module's bytes hold. What is wrong with it is told of `origin`.
    pub(super) fn load_program(&self, binary: &[u8], origin: &Path) -> Result<Loaded, LoadError> {
        if wasmparser::Parser::is_component(binary) {
            return self.load_component(binary, origin);
        }
        match componentize(binary) {
            None => self.load_module(binary, origin),
            Some(Ok(component)) => self.load_component(&component, origin),
            Some(Err(reason)) => {
                let reason =
                    format!("it carries the types of a component, and none can be made of it: {reason}");
                Err(LoadError::Invalid { path: origin.to_owned(), reason })
            }
        }
    }

    fn load_module(&self, binary: &[u8], origin: &Path) -> Result<Loaded, LoadError> {
        let Extracted { module, image } = self.extract(binary);
        let compiled = compile_module(&self.engine, module.into_owned(), self.config.compile_time_max);
        let Compiled { compiled: module, code } =
            compiled.map_err(|error| LoadError::of_compiling(origin, &error))?;
        let abi = abi::of_module(&module, &self.config.limits).map_err(not_a_handler(origin))?;
        Ok(Loaded {
            program: Program::Core(CoreProgram::link(abi, &module, image).map_err(invalid(origin))?),
            code,
            abi: Abi::Core(abi),
            imports: module.imports().map(|i| format!("{}.{}", i.module(), i.name())).collect(),
            memory_bytes_min: abi::memory_bytes_min(&module),
        })
    }

    fn load_component(&self, binary: &[u8], origin: &Path) -> Result<Loaded, LoadError> {
        let engine = start_component_engine(&self.config)
            .map_err(|error| LoadError::Invalid { path: origin.to_owned(), reason: error.to_string() })?;
        self.ticker.add(&engine);
        let compiled = compile_component(&engine, binary.to_vec(), self.config.compile_time_max);
        let Compiled { compiled: component, code } =
            compiled.map_err(|error| LoadError::of_compiling(origin, &error))?;
        let abi = abi::component::of_component(&component).map_err(not_a_handler(origin))?;
        let memory_bytes_min = memory_bytes_min(&component);
        check_memory(memory_bytes_min, &self.config.limits).map_err(not_a_handler(origin))?;
        Ok(Loaded {
            program: Program::Component(ComponentProgram::link(abi, &component).map_err(invalid(origin))?),
            code,
            abi: Abi::Component(abi),
            imports: component.component_type().imports(&engine).map(|(name, _)| name.to_owned()).collect(),
            memory_bytes_min,
        })
    }
}

/// The largest of a component's memories at its start.
fn memory_bytes_min(component: &Component) -> u64 {
    let pages = component.resources_required().and_then(|required| required.max_initial_memory_size);
    pages.unwrap_or(0).saturating_mul(abi::PAGE_BYTES)
}

fn check_memory(bytes: u64, limits: &Limits) -> Result<(), Vec<String>> {
    let bytes_max = limits.memory_bytes_max;
    match bytes > bytes_max {
        false => Ok(()),
        true => Err(vec![format!(
            "its memory starts at {bytes} bytes, the limit is {bytes_max}; raise --max-memory"
        )]),
    }
}

fn invalid(origin: &Path) -> impl Fn(wasmtime::Error) -> LoadError {
    let path = origin.to_owned();
    move |error| LoadError::Invalid { path: path.clone(), reason: one_line(&error) }
}

fn not_a_handler(origin: &Path) -> impl Fn(Vec<String>) -> LoadError {
    let path = origin.to_owned();
    move |problems| LoadError::NotAHandler { path: path.clone(), problems }
}
