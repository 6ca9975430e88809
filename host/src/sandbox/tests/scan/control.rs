//! The scan finds what it looks for: where a leak is planted, it is told.

use super::guests::KINDS;
use super::limits;
use crate::sandbox::Allocation;
use crate::sandbox::tests::sandbox;

/// An instance that is used twice has everything of the first attempt: its memory (1), its globals (4)
/// and both of its tables (8, 16).
#[test]
fn a_reused_instance_is_found_to_leak() {
    let handler = KINDS[0].load(&sandbox(Allocation::Resident, limits()));
    let mut reused = handler.warm().unwrap();
    let mut found = |text: &str| reused.call(text.into()).unwrap().logs[0].text.to_string();
    assert_eq!(found("0001aaaaac"), "A");
    assert_eq!(found("0002aaaaac"), char::from(b'A' + 1 + 4 + 8 + 16).to_string());
}

/// A canary that a slot still holds when the next instance gets it, as if clearing had left out a page: in
/// the memory that is there at first (1), or in what is taken later (2).
#[cfg(target_os = "linux")]
#[test]
fn a_page_that_was_not_cleared_is_found() {
    use super::guests::WASM_PAGE_BYTES;
    use crate::sandbox::tests::invoke;

    let handler = KINDS[0].load(&sandbox(Allocation::Resident, limits()));
    // It takes all 11 pages that it may, some and then the rest.
    let found = || invoke(&handler, "0001acdaia").report.logs[0].text.to_string();
    let bytes_max = KINDS[0].pages_max * WASM_PAGE_BYTES;
    for (offset, place) in [(64, 1), (WASM_PAGE_BYTES - 8, 1), (WASM_PAGE_BYTES, 2), (bytes_max - 8, 2)] {
        assert_eq!(found(), "A", "before there is one");
        plant(&handler, offset);
        assert_eq!(found(), char::from(b'A' + place).to_string(), "a canary at {offset}");
    }
    assert_eq!(found(), "A", "the page was cleared after all");
}

/// Writes a canary into the slot that the handler's next instance gets.
#[cfg(target_os = "linux")]
fn plant(handler: &crate::sandbox::Handler, offset: usize) {
    let mut program = handler.program.clone();
    let core = program.core();
    let slot = core.image.take_slot().unwrap();
    slot.set_size(slot.len());
    assert!(slot.open_at(slot.base() as usize + offset));
    let canary = (u64::from(super::guests::KEY) << 32) | 1;
    // SAFETY: the slot waits, so nothing uses it, and the page was just opened.
    unsafe { slot.base().add(offset).cast::<u64>().write_unaligned(canary) };
    slot.set_size(0);
    core.image.put_slot(slot);
}
