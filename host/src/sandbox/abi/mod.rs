//! Which ways of being called the host knows. A module fits exactly one, or is told why it fits
//! none.

pub mod component;
mod core_module;
pub mod core_v1;
pub mod wasi_command;

use wasmtime::Module;

pub use component::ComponentAbi;

use crate::limits::Limits;

/// A way of being called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abi {
    Core(CoreAbi),
    Component(ComponentAbi),
}

/// The ways of core modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoreAbi {
    /// With `evq_handle_v1`; see `guest-sdk/ABI.md`.
    V1,
    /// With `_start` and the imports of WASI preview 1.
    WasiCommand,
}

impl Abi {
    pub fn as_str(self) -> &'static str {
        match self {
            Abi::Core(CoreAbi::V1) => "evq_v1 (core module)",
            Abi::Core(CoreAbi::WasiCommand) => "WASI 0.1 command (core module)",
            Abi::Component(ComponentAbi::V1) => "wasm-evq:handler@1 (component)",
            Abi::Component(ComponentAbi::Http) => "wasi:http/incoming-handler 0.2 (component)",
            Abi::Component(ComponentAbi::Command) => "WASI 0.2 command (component)",
        }
    }
}

impl CoreAbi {
    /// The function that handles one event.
    pub fn entry(self) -> &'static str {
        match self {
            CoreAbi::V1 => core_v1::ENTRY,
            CoreAbi::WasiCommand => wasi_command::ENTRY,
        }
    }
}

/// Finds the ABI that a core module is made for: the one whose entry it exports.
///
/// # Errors
/// All that is in the way, each problem with its cure.
pub fn of_module(module: &Module, limits: &Limits) -> Result<CoreAbi, Vec<String>> {
    let exports = |abi: &CoreAbi| module.get_export(abi.entry()).is_some();
    let fitting: Vec<CoreAbi> = [CoreAbi::V1, CoreAbi::WasiCommand].into_iter().filter(exports).collect();
    let [abi] = fitting[..] else {
        return Err(vec![if fitting.is_empty() { NO_ENTRY.into() } else { TWO_ENTRIES.into() }]);
    };
    let mut problems = match abi {
        CoreAbi::V1 => core_v1::problems(module),
        CoreAbi::WasiCommand => wasi_command::problems(module),
    };
    problems.extend(core_module::memory_problem(module, limits));
    if problems.is_empty() { Ok(abi) } else { Err(problems) }
}

pub use core_module::{PAGE_BYTES, memory_bytes_min};

const NO_ENTRY: &str = "it exports neither `evq_handle_v1` (a handler made with the SDK: write `#[handler]` on a \
    function, or see guest-sdk/ABI.md) nor `_start` (a WASI command: a program with a main function)";

const TWO_ENTRIES: &str = "it exports both `evq_handle_v1` and `_start`; leave out one, so that it is clear which \
    is to be called";
