//! Gives wasmtime its linear memories out of slots, and takes them back clean.

use std::cell::RefCell;
use std::sync::Arc;

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use super::fault;
use super::image::{Image, take_blank_slot};
use super::slot::Slot;

thread_local! {
    /// The image for the memory that this thread makes next. Wasmtime asks for a memory without saying
    /// for which module.
    static NEXT_IMAGE: RefCell<Option<Arc<Image>>> = const { RefCell::new(None) };
}

/// Makes an instance whose memory begins as the image.
pub fn with_image<T>(image: &Arc<Image>, make: impl FnOnce() -> T) -> T {
    NEXT_IMAGE.set(Some(image.clone()));
    let made = make();
    NEXT_IMAGE.set(None);
    made
}

/// Memories of one largest size.
pub struct ResidentMemories {
    slot_bytes: usize,
}

impl ResidentMemories {
    /// `memory_bytes_max` is the largest memory that will be asked for.
    pub fn new(memory_bytes_max: usize) -> Self {
        ResidentMemories { slot_bytes: memory_bytes_max }
    }

    /// Has faults handled. To be called once an engine is there, since its handler comes after ours.
    pub fn install() -> std::io::Result<()> {
        fault::install()
    }

    /// A slot that holds the image.
    fn take(&self, image: &Image) -> std::io::Result<&'static Slot> {
        match image.take_slot() {
            Some(slot) => Ok(slot),
            None => self.reserve(image),
        }
    }

    /// Slots are never unmapped: a fault on any thread may look at any of them. There are as many as
    /// attempts ran at the same time, for each handler that is loaded.
    fn reserve(&self, image: &Image) -> std::io::Result<&'static Slot> {
        let slot = match take_blank_slot(self.slot_bytes) {
            Some(slot) => slot,
            None => {
                let slot: &'static Slot = Box::leak(Box::new(Slot::reserve(self.slot_bytes)?));
                fault::register(slot)?;
                slot
            }
        };
        // SAFETY: nothing uses it yet.
        unsafe { slot.lay_in(image)? };
        Ok(slot)
    }
}

// SAFETY: the memories below keep what the traits promise: their addresses do not move, hold zeros
// or their module's data at first, and can be accessed up to their size for as long as they live. No guard pages are asked
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
        let image = NEXT_IMAGE.take().unwrap_or_default();
        let slot = self.take(&image).map_err(|e| format!("no address space for a memory: {e}"))?;
        slot.set_size(minimum);
        let capacity = maximum.unwrap_or(usize::MAX).min(slot.len());
        Ok(Box::new(ResidentMemory { slot, capacity, image }))
    }
}

/// One instance's memory. Dropping it clears the slot for the next.
struct ResidentMemory {
    slot: &'static Slot,
    capacity: usize,
    image: Arc<Image>,
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
        let cleared = unsafe { self.slot.clear(&self.image) };
        // A slot that cannot be cleared is never used again.
        if cleared.is_ok() {
            self.image.put_slot(self.slot);
        }
    }
}
