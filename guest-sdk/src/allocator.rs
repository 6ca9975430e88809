//! The global allocator on wasm32: a pointer that only moves on.
//!
//! An instance lives for one event, so giving memory back would be work for nobody. What counts is
//! that ordinary events never grow the memory: growing costs the host more than the whole handler
//! (system calls and page faults), and touching few pages keeps its reset cheap. Hence one bump
//! pointer, and reuse in the one case that is free: the latest allocation can be given back or
//! resized where it stands.
//!
//! It begins in a small static arena. The linker counts that as data, so the memory it lays out has
//! room for ordinary events whatever flags were given; `--initial-heap` could say the same, but only
//! in whole pages. Behind the arena comes the rest of the memory, and then more of it.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::{Cell, UnsafeCell};
use std::ptr;

const PAGE_BYTES: usize = 65536;

/// Room for an event of a few kilobytes, what is made of it, and its output. Small, so that what an
/// ordinary event touches lies close together.
const ARENA_BYTES: usize = 16384;

/// The most that growing asks for beyond what is needed, so that a large event does not grow the
/// memory page by page, and a small one does not take what it will not use.
const GROW_AHEAD_PAGES_MAX: usize = 64;

unsafe extern "C" {
    /// The linker's: the first byte after static data and stack.
    static __heap_base: UnsafeCell<u8>;
}

#[repr(C, align(16))]
struct Arena(UnsafeCell<[u8; ARENA_BYTES]>);

// SAFETY: the ABI's memory is not shared, so the instance has one thread.
unsafe impl Sync for Arena {}

static ARENA: Arena = Arena(UnsafeCell::new([0; ARENA_BYTES]));

#[global_allocator]
static ALLOCATOR: Bump = Bump {
    next: Cell::new(ARENA.0.get().cast()),
    // The arena's end, as a pointer one past it.
    end: Cell::new(ARENA.0.get().wrapping_add(1).cast()),
    in_arena: Cell::new(true),
};

struct Bump {
    /// The first free byte.
    next: Cell<*mut u8>,
    /// One past the last free byte.
    end: Cell<*mut u8>,
    /// Whether those two still point into the arena.
    in_arena: Cell<bool>,
}

// SAFETY: the ABI's memory is not shared, so the instance has one thread.
unsafe impl Sync for Bump {}

// SAFETY: blocks lie in the arena or between `__heap_base` and the memory's end, which nothing else
// uses; `next` is past every block handed out, except that the latest may be given back or resized.
unsafe impl GlobalAlloc for Bump {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let next = self.next.get();
        let padding = next.align_offset(layout.align());
        // A layout's size is at most half the address space, so this cannot overflow.
        let size = padding + layout.size();
        if size > self.room(next) {
            return self.alloc_elsewhere(layout);
        }
        self.next.set(next.wrapping_add(size));
        next.wrapping_add(padding)
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if self.is_latest(block, layout) {
            self.next.set(block);
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if self.is_latest(block, layout) && new_size <= self.room(block) {
            self.next.set(block.wrapping_add(new_size));
            return block;
        }
        if new_size <= layout.size() {
            return block;
        }
        // SAFETY: the caller vouches that `new_size` fits a layout of this alignment.
        let moved = unsafe { self.alloc(Layout::from_size_align_unchecked(new_size, layout.align())) };
        if !moved.is_null() {
            // SAFETY: both blocks hold at least the old size, and the new one is apart from the old.
            unsafe { ptr::copy_nonoverlapping(block, moved, layout.size()) };
        }
        moved
    }
}

impl Bump {
    #[inline]
    fn room(&self, start: *mut u8) -> usize {
        self.end.get() as usize - start as usize
    }

    #[inline]
    fn is_latest(&self, block: *mut u8, layout: Layout) -> bool {
        block.wrapping_add(layout.size()) == self.next.get()
    }

    /// The rare case: leaves the arena for the memory behind it, or grows the memory.
    #[cold]
    #[inline(never)]
    fn alloc_elsewhere(&self, layout: Layout) -> *mut u8 {
        if self.in_arena.get() {
            self.in_arena.set(false);
            // SAFETY: only the address of the linker's symbol is taken.
            self.next.set(unsafe { __heap_base.get() });
            self.end.set(memory_end());
        }
        let next = self.next.get();
        let padding = next.align_offset(layout.align());
        let size = padding + layout.size();
        if size > self.room(next) && !self.grow(size - self.room(next)) {
            return ptr::null_mut();
        }
        self.next.set(next.wrapping_add(size));
        next.wrapping_add(padding)
    }

    /// Grows the memory by at least `missing` bytes, twofold if it is small.
    fn grow(&self, missing: usize) -> bool {
        let needed = missing.div_ceil(PAGE_BYTES);
        let ahead = needed.max(memory_size::<0>().min(GROW_AHEAD_PAGES_MAX));
        let mut refused = memory_grow::<0>(ahead) == usize::MAX;
        if refused && ahead > needed {
            refused = memory_grow::<0>(needed) == usize::MAX;
        }
        if !refused {
            self.end.set(memory_end());
        }
        !refused
    }
}

/// One past the last byte. A memory of all 65536 pages ends where the address space does; its last
/// byte is left unused, so that the end has an address.
fn memory_end() -> *mut u8 {
    let end = memory_size::<0>().checked_mul(PAGE_BYTES).unwrap_or(usize::MAX);
    ptr::without_provenance_mut(end)
}
