//! What an attempt may allocate: asked by wasmtime before memory or a table grows.

use wasmtime::ResourceLimiter;

use crate::event::{LimitExceeded, LimitName};
use crate::limits::Limits;

/// Counts memory and table elements, and remembers a refusal: a guest that is refused memory mostly
/// traps a moment later, and memory is then the reason to name.
#[derive(Debug, Default)]
pub struct Budget {
    memory_bytes: u64,
    memory_bytes_peak: u64,
    table_elements: u64,
    refused: Option<LimitExceeded>,
    memory_bytes_max: u64,
    table_elements_max: u64,
}

impl Budget {
    pub fn new(limits: &Limits) -> Self {
        Budget {
            memory_bytes_max: limits.memory_bytes_max,
            table_elements_max: limits.table_elements_max,
            ..Budget::default()
        }
    }

    pub fn memory_bytes_peak(&self) -> u64 {
        self.memory_bytes_peak
    }

    pub fn refused(&self) -> Option<LimitExceeded> {
        self.refused
    }

    fn refuse(&mut self, name: LimitName, used: u64, max: u64) -> wasmtime::Result<bool> {
        self.refused = Some(LimitExceeded { name, used, max });
        Ok(false)
    }
}

impl ResourceLimiter for Budget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        declared_max: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.memory_bytes + desired.saturating_sub(current) as u64;
        if total > self.memory_bytes_max {
            return self.refuse(LimitName::Memory, total, self.memory_bytes_max);
        }
        if declared_max.is_some_and(|max| desired > max) {
            return Ok(false);
        }
        // An allocator may ask for more than it needs and then for what it needs: with that it has
        // enough, and what goes wrong later has another reason.
        self.refused = None;
        self.memory_bytes = total;
        self.memory_bytes_peak = self.memory_bytes_peak.max(total);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        declared_max: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.table_elements + desired.saturating_sub(current) as u64;
        if total > self.table_elements_max {
            return self.refuse(LimitName::Table, total, self.table_elements_max);
        }
        if declared_max.is_some_and(|max| desired > max) {
            return Ok(false);
        }
        self.table_elements = total;
        Ok(true)
    }
}
