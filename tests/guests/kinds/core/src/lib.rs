//! The behaviours over the core ABI of `guest-sdk/ABI.md`, without the SDK.

use behaviours::{Answer, World, behave, word_of};

mod host {
    #[link(wasm_import_module = "evq_v1")]
    unsafe extern "C" {
        pub fn event_read(dst: *mut u8, offset: usize, len: usize);
        pub fn now_ms() -> i64;
        pub fn random_fill(dst: *mut u8, len: usize);
        pub fn env(name: *const u8, name_len: usize, dst: *mut u8, len: usize) -> i32;
        pub fn output(kind: i32, ptr: *const u8, len: usize);
        pub fn log(level: i32, ptr: *const u8, len: usize);
        pub fn error(ptr: *const u8, len: usize);
        pub fn retry_after_ms(delay: i64);
    }
}

const INFO: i32 = 3;

struct Core;

impl World for Core {
    fn log(&mut self, line: &str) {
        // SAFETY: the range is that of a string.
        unsafe { host::log(INFO, line.as_ptr(), line.len()) }
    }

    fn now_ms(&mut self) -> u64 {
        // SAFETY: it takes nothing.
        unsafe { host::now_ms() }.cast_unsigned()
    }

    fn random(&mut self) -> u64 {
        let mut bytes = [0; 8];
        // SAFETY: the range is that of the array.
        unsafe { host::random_fill(bytes.as_mut_ptr(), bytes.len()) };
        u64::from_le_bytes(bytes)
    }

    /// With room for a few bytes first, so that a longer value takes a second call.
    fn env(&mut self, name: &str) -> Option<String> {
        let mut value = vec![0; 3];
        loop {
            // SAFETY: the ranges are those of a string and of the vector.
            let len = unsafe { host::env(name.as_ptr(), name.len(), value.as_mut_ptr(), value.len()) };
            let len = usize::try_from(len).ok()?;
            let is_whole = len <= value.len();
            value.resize(len, 0);
            if is_whole {
                return Some(String::from_utf8(value).expect("a value is text"));
            }
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn evq_handle_v1(event_len: usize) -> i32 {
    let mut event = vec![0; event_len];
    // SAFETY: the range is that of the vector.
    unsafe { host::event_read(event.as_mut_ptr(), 0, event_len) };
    let event = String::from_utf8(event).expect("an event is text");
    match behave(word_of(&event), &mut Core) {
        Answer::Json(text) => put(0, text.as_bytes()),
        Answer::Bytes(bytes) => put(1, &bytes),
        Answer::Nothing => 0,
        Answer::Failed(reason) => fail(1, &reason),
        Answer::Later(reason) => {
            // SAFETY: it takes a number.
            unsafe { host::retry_after_ms(1000) };
            fail(2, &reason)
        }
        Answer::Never(reason) => fail(3, &reason),
    }
}

fn put(kind: i32, bytes: &[u8]) -> i32 {
    // SAFETY: the range is that of a slice.
    unsafe { host::output(kind, bytes.as_ptr(), bytes.len()) };
    0
}

fn fail(code: i32, reason: &str) -> i32 {
    // SAFETY: the range is that of a string.
    unsafe { host::error(reason.as_ptr(), reason.len()) };
    code
}
