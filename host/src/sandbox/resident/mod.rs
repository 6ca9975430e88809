//! Linear memory that a fresh instance gets for the price of the pages it will touch.
//!
//! The usual ways to give an instance clean memory go through the kernel: unmap and fault the pages
//! in again (`madvise`), or protect what has grown (`mprotect`). Each takes the process-wide lock on
//! the address space, so that two workers can be slower than one. Here the kernel is asked once:
//!
//! - A [`slot::Slot`] is a range of addresses that nobody can access at first. The first access to a
//!   page faults; [`fault`] opens that page and lets the access go on. An open page stays open.
//! - The module's data lies in the slot from the start, as an [`image::Image`] that can be read. The
//!   first write to one of its pages faults, and opens it too.
//! - After every attempt all open pages of the slot are put into their first state, zeros or the
//!   image, so the next instance finds what a new mapping would show. A page that was never open was
//!   never written.
//! - Which addresses a guest may use is checked by the compiled code itself, against the memory's
//!   size, not by the protection of pages. So growing and shrinking ask nobody.
//!
//! The invariant, on which isolation rests: *a slot that waits for an instance holds its module's
//! data and otherwise zeros.* An open page was restored after the last attempt, or all were given back
//! to the kernel; and nobody can have written the others.

mod creator;
mod extract;
mod fault;
mod image;
mod slot;

pub use creator::{ResidentMemories, with_image};
pub use extract::{Extracted, extract};
pub use image::Image;
