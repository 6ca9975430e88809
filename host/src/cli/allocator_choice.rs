//! `--allocator`: where the instances of a second run get their memory.

use crate::sandbox::Allocation;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum AllocatorChoice {
    /// Mapped anew for each instance, which `run` does not do
    #[default]
    OnDemand,
    /// Wasmtime's pool
    Pooling,
    /// Memory that stays, as in `run`
    Resident,
}

impl AllocatorChoice {
    pub fn allocation(self) -> Allocation {
        match self {
            AllocatorChoice::OnDemand => Allocation::OnDemand,
            AllocatorChoice::Pooling => Allocation::Pooling,
            AllocatorChoice::Resident => Allocation::Resident,
        }
    }
}
