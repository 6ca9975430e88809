//! The imports of module `evq_v1`.
//!
//! The host checks every range against the memory, so a wrong pointer could only end the attempt;
//! what remains to be upheld here is Rust's own rules about the memory handed over.

use std::mem::MaybeUninit;

use super::OutputKind;

mod raw {
    #[link(wasm_import_module = "evq_v1")]
    unsafe extern "C" {
        pub fn event_read(dst: *mut u8, offset: usize, len: usize);
        pub safe fn attempt() -> u32;
        pub safe fn now_ms() -> i64;
        pub fn random_fill(dst: *mut u8, len: usize);
        pub fn env(name: *const u8, name_len: usize, dst: *mut u8, len: usize) -> i32;
        pub fn http_send(ptr: *const u8, len: usize) -> i32;
        pub fn http_read(dst: *mut u8, offset: usize, len: usize);
        pub fn output(kind: u32, ptr: *const u8, len: usize);
        pub fn emit(ptr: *const u8, len: usize);
        pub fn log(level: u32, ptr: *const u8, len: usize);
        pub fn error(ptr: *const u8, len: usize);
        pub safe fn retry_after_ms(delay: i64);
    }
}

pub(crate) use raw::{attempt, now_ms, retry_after_ms};

/// The event's JSON text. It is never freed: the instance dies after the event.
pub(crate) fn event_text(len: usize) -> &'static str {
    let mut buffer: Box<[MaybeUninit<u8>]> = Box::new_uninit_slice(len);
    // SAFETY: the buffer is `len` bytes long, and the host writes all of them or ends the attempt.
    let bytes = unsafe {
        raw::event_read(buffer.as_mut_ptr().cast(), 0, len);
        buffer.assume_init()
    };
    // SAFETY: the ABI says that the event is UTF-8; the host checked it before it took the event in.
    unsafe { std::str::from_utf8_unchecked(Box::leak(bytes)) }
}

pub(crate) fn random_fill(buffer: &mut [u8]) {
    // SAFETY: the host writes within the slice, which is ours alone.
    unsafe { raw::random_fill(buffer.as_mut_ptr(), buffer.len()) }
}

/// Most values are no longer than this, and had by one call.
const VALUE_BYTES: usize = 256;

pub(crate) fn env(name: &str) -> Option<String> {
    let mut value: Vec<u8> = Vec::with_capacity(VALUE_BYTES);
    loop {
        let room = value.capacity();
        // SAFETY: the host reads the name alone, and writes only where there is room.
        let len = unsafe { raw::env(name.as_ptr(), name.len(), value.as_mut_ptr(), room) };
        let len = usize::try_from(len).ok()?;
        if len <= room {
            // SAFETY: the host has written that many bytes, and the ABI says that they are UTF-8.
            return Some(unsafe {
                value.set_len(len);
                String::from_utf8_unchecked(value)
            });
        }
        value.reserve_exact(len);
    }
}

/// A request as the ABI has it, and its answer.
pub(crate) fn http(request: &[u8]) -> Vec<u8> {
    // SAFETY: the host only reads, and only within the slice.
    let len = unsafe { raw::http_send(request.as_ptr(), request.len()) };
    // The length of an answer is never negative.
    let len = len as usize;
    let mut answer: Vec<u8> = Vec::with_capacity(len);
    // SAFETY: there is room for `len` bytes, and the host writes all of them or ends the attempt.
    unsafe {
        raw::http_read(answer.as_mut_ptr(), 0, len);
        answer.set_len(len);
    }
    answer
}

pub(crate) fn output(kind: OutputKind, bytes: &[u8]) {
    // SAFETY: the host only reads, and only within the slice.
    unsafe { raw::output(kind as u32, bytes.as_ptr(), bytes.len()) }
}

pub(crate) fn emit(json: &[u8]) {
    // SAFETY: the host only reads, and only within the slice.
    unsafe { raw::emit(json.as_ptr(), json.len()) }
}

pub(crate) fn log(level: u32, text: &str) {
    // SAFETY: the host only reads, and only within the text.
    unsafe { raw::log(level, text.as_ptr(), text.len()) }
}

pub(crate) fn error(text: &str) {
    // SAFETY: the host only reads, and only within the text.
    unsafe { raw::error(text.as_ptr(), text.len()) }
}
