//! Gives wasmtime its linear memories out of slots, and takes them back clean.

use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use super::fault;
use super::slot::Slot;

/// Slots of one size, kept for the next instance.
pub struct ResidentMemories {
    slot_bytes: usize,
    free: Arc<FreeSlots>,
}

type FreeSlots = Mutex<Vec<&'static Slot>>;

impl ResidentMemories {
    /// `memory_bytes_max` is the largest memory that will be asked for.
    pub fn new(memory_bytes_max: usize) -> Self {
        ResidentMemories { slot_bytes: memory_bytes_max, free: Arc::default() }
    }

    /// Has faults handled. To be called once an engine is there, since its handler comes after ours.
    pub fn install() -> std::io::Result<()> {
        fault::install()
    }

    fn take(&self) -> std::io::Result<&'static Slot> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.map_or_else(|| self.reserve(), Ok)
    }

    /// Slots are never unmapped: a fault on any thread may look at any of them.
    fn reserve(&self) -> std::io::Result<&'static Slot> {
        let slot: &'static Slot = Box::leak(Box::new(Slot::reserve(self.slot_bytes)?));
        fault::register(slot)?;
        Ok(slot)
    }
}

// SAFETY: the memories below keep what the traits promise: their addresses do not move, hold zeros
// at first, and can be accessed up to their size for as long as they live. No guard pages are asked
// for, because the engine that uses them has its code check every access.
unsafe impl MemoryCreator for ResidentMemories {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        maximum: Option<usize>,
        _reserved_bytes: Option<usize>,
        guard_bytes: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        if minimum > self.slot_bytes || guard_bytes > 0 {
            return Err(format!("no memory of {minimum} bytes with {guard_bytes} of guard to be had"));
        }
        let slot = self.take().map_err(|e| format!("no address space for a memory: {e}"))?;
        slot.set_size(minimum);
        let capacity = maximum.unwrap_or(usize::MAX).min(slot.len());
        Ok(Box::new(ResidentMemory { slot, capacity, free: self.free.clone() }))
    }
}

/// One instance's memory. Dropping it clears the slot for the next.
struct ResidentMemory {
    slot: &'static Slot,
    capacity: usize,
    free: Arc<FreeSlots>,
}

// SAFETY: see `ResidentMemories`.
unsafe impl LinearMemory for ResidentMemory {
    fn byte_size(&self) -> usize {
        self.slot.size()
    }

    fn byte_capacity(&self) -> usize {
        self.capacity
    }

    fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
        if new_size > self.capacity {
            return Err(wasmtime::format_err!("{new_size} bytes wanted, {} reserved", self.capacity));
        }
        self.slot.set_size(new_size);
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.slot.base()
    }
}

impl Drop for ResidentMemory {
    fn drop(&mut self) {
        // SAFETY: the instance is gone, and with it all that could use this memory.
        let cleared = unsafe { self.slot.clear() };
        // A slot that cannot be cleared is never used again.
        if cleared.is_ok() {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push(self.slot);
        }
    }
}
