//! Linear memory that a fresh instance gets for the price of the pages it will touch.
//!
//! The usual ways to give an instance clean memory go through the kernel: unmap and fault the pages
//! in again (`madvise`), or protect what has grown (`mprotect`). Each takes the process-wide lock on
//! the address space, so that two workers can be slower than one. Here the kernel is asked once:
//!
//! - A [`slot::Slot`] is a range of addresses that nobody can access at first. The first access to a
//!   page faults; [`fault`] opens that page and lets the access go on. An open page stays open.
//! - After every attempt all open pages of the slot are filled with zeros, so the next instance finds
//!   what a new mapping would show. A page that was never opened was never written.
//! - Which addresses a guest may use is checked by the compiled code itself, against the memory's
//!   size, not by the protection of pages. So growing and shrinking ask nobody.
//!
//! The invariant, on which isolation rests: *a slot that waits for an instance holds only zeros.*
//! Either an open page was cleared after the last attempt, or it was given back to the kernel, or it
//! has never been open.

mod creator;
mod fault;
mod slot;

pub use creator::ResidentMemories;
