//! Answers the `getrandom` crate, and so `rand`, from the event's random stream.
//!
//! The symbols are the ones `getrandom` looks for when told to use a custom source. Depending on
//! the crate itself would make every build without that setting fail, so its signatures are
//! repeated here: an error that is one non-zero integer, which these functions never return.

use std::num::NonZeroI32;

/// For `getrandom` 0.3 and 0.4 with `--cfg getrandom_backend="custom"`.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(dst: *mut u8, len: usize) -> Result<(), NonZeroI32> {
    // SAFETY: `getrandom` hands over `len` writable bytes.
    unsafe { fill(dst, len) };
    Ok(())
}

/// For `getrandom` 0.2 with its feature `custom`.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_custom(dst: *mut u8, len: usize) -> u32 {
    // SAFETY: `getrandom` hands over `len` writable bytes.
    unsafe { fill(dst, len) };
    0
}

/// # Safety
/// `dst` must point to `len` bytes that may be written; they need not be initialised.
unsafe fn fill(dst: *mut u8, len: usize) {
    // SAFETY: the caller's promise; the bytes are written before a slice of them is made.
    let buffer = unsafe {
        dst.write_bytes(0, len);
        std::slice::from_raw_parts_mut(dst, len)
    };
    super::random_fill(buffer);
}
