//! Which ways of being called the host knows. A module fits exactly one, or is told why it fits
//! none.

pub mod core_v1;

use wasmtime::Module;

use crate::limits::Limits;

/// A way of being called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abi {
    /// A core module with `evq_handle_v1`; see `guest-sdk/ABI.md`.
    CoreV1,
}

impl Abi {
    pub fn as_str(self) -> &'static str {
        match self {
            Abi::CoreV1 => "evq_v1 (core module)",
        }
    }
}

/// Finds the ABI that a module is made for.
///
/// # Errors
/// All that is in the way, each problem with its cure.
pub fn detect(module: &Module, limits: &Limits) -> Result<Abi, Vec<String>> {
    let problems = core_v1::problems(module, limits);
    if problems.is_empty() { Ok(Abi::CoreV1) } else { Err(problems) }
}
