//! A module's initial memory, laid out once, and the slots that hold it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::slot::{PAGE_BYTES, Slot};

/// The bytes of whole pages, from `first_page` on; all other pages are zero at first.
#[derive(Default)]
pub struct Image {
    first_page: usize,
    bytes: Arc<[u8]>,
    copied_bytes: u64,
    /// Slots that hold this image and wait for an instance.
    ready: Mutex<Vec<&'static Slot>>,
}

impl Image {
    /// An image of whole pages.
    pub fn of(first_page: usize, bytes: Vec<u8>, copied_bytes: u64) -> Self {
        Image { first_page, bytes: bytes.into(), copied_bytes, ready: Mutex::default() }
    }

    /// The same image with slots of its own.
    pub fn replica(&self) -> Self {
        let Image { first_page, bytes, copied_bytes, .. } = self;
        let ready = Mutex::default();
        Image { first_page: *first_page, bytes: bytes.clone(), copied_bytes: *copied_bytes, ready }
    }

    pub fn first_page(&self) -> usize {
        self.first_page
    }

    pub fn end_page(&self) -> usize {
        self.first_page + self.bytes.len() / PAGE_BYTES
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes that a module with its data in it would copy when its instance starts.
    pub fn copied_bytes(&self) -> u64 {
        self.copied_bytes
    }

    pub fn take_slot(&self) -> Option<&'static Slot> {
        lock(&self.ready).pop()
    }

    pub fn put_slot(&self, slot: &'static Slot) {
        lock(&self.ready).push(slot);
    }
}

/// Slots whose handler is gone: they hold nothing.
static BLANK: Mutex<Vec<&'static Slot>> = Mutex::new(Vec::new());

/// A slot for a memory of up to `len` bytes that another image had, if there is one.
pub fn take_blank_slot(len: usize) -> Option<&'static Slot> {
    let mut blank = lock(&BLANK);
    let fits = blank.iter().position(|slot| slot.len() >= len)?;
    Some(blank.swap_remove(fits))
}

impl Drop for Image {
    fn drop(&mut self) {
        for slot in lock(&self.ready).drain(..) {
            // SAFETY: a slot that waits has no memory in it. One that cannot be emptied is never used
            // again.
            if unsafe { slot.give_back() }.is_ok() {
                lock(&BLANK).push(slot);
            }
        }
    }
}

fn lock<'a>(slots: &'a Mutex<Vec<&'static Slot>>) -> MutexGuard<'a, Vec<&'static Slot>> {
    slots.lock().unwrap_or_else(PoisonError::into_inner)
}
