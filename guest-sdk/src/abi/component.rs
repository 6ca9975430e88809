//! The host's functions as the world of `wit/handler.wit` has them.
//!
//! A component says at its end, and all at once, what a core module says call by call: it is kept until then.

use std::cell::RefCell;

use super::{Code, OutputKind};
use bindings::wasm_evq::handler::host::{self, Level};
use bindings::wasm_evq::handler::types::Retry;

#[allow(missing_docs, reason = "generated from a file that documents it")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "handler",
        pub_export_macro: true,
        export_macro_name: "export_component",
    });
}

/// Delay of a "not yet" that names none, as the host has it.
const RETRY_AFTER_DEFAULT_MS: u64 = 1000;

/// What the handler said so far, and the event it is about.
#[derive(Default)]
struct Said {
    event: String,
    output: Option<bindings::Output>,
    error: Option<String>,
    retry_after_ms: Option<u64>,
}

thread_local! {
    static SAID: RefCell<Said> = RefCell::default();
}

/// Runs a handler that reads the event and returns a code, and says what became of it.
///
/// # Errors
/// As the handler failed.
pub fn handle(
    event: String,
    handle: impl FnOnce(usize) -> i32,
) -> Result<Option<bindings::Output>, bindings::Failure> {
    let event_len = event.len();
    SAID.with_borrow_mut(|said| said.event = event);
    let code = handle(event_len);
    let Said { output, error, retry_after_ms, .. } = SAID.take();
    let reason = error.unwrap_or_else(|| "the handler gave no reason".into());
    match code {
        code if code == Code::Done as i32 => Ok(output),
        code if code == Code::NotYet as i32 => {
            let delay_ms = retry_after_ms.unwrap_or(RETRY_AFTER_DEFAULT_MS);
            Err(bindings::Failure::RetryAfter(Retry { delay_ms, reason }))
        }
        code if code == Code::Permanent as i32 => Err(bindings::Failure::Permanent(reason)),
        _ => Err(bindings::Failure::Failed(reason)),
    }
}

/// The event's JSON text. It is never freed: the instance dies after the event.
pub(crate) fn event_text(_len: usize) -> &'static str {
    SAID.with_borrow_mut(|said| std::mem::take(&mut said.event)).leak()
}

pub(crate) fn attempt() -> u32 {
    host::attempt()
}

pub(crate) fn now_ms() -> i64 {
    host::now_ms().cast_signed()
}

pub(crate) fn random_fill(buffer: &mut [u8]) {
    // Where memory has 32 bits, a slice's length has.
    buffer.copy_from_slice(&host::random(buffer.len() as u32));
}

pub(crate) fn env(name: &str) -> Option<String> {
    host::env(name)
}

pub(crate) fn output(kind: OutputKind, bytes: &[u8]) {
    let output = match kind {
        OutputKind::Json => {
            bindings::Output::Json(String::from_utf8(bytes.to_vec()).expect("JSON text is UTF-8"))
        }
        OutputKind::Bytes => bindings::Output::Bytes(bytes.to_vec()),
    };
    SAID.with_borrow_mut(|said| said.output = Some(output));
}

pub(crate) fn emit(json: &[u8]) {
    host::emit(std::str::from_utf8(json).expect("JSON text is UTF-8"));
}

pub(crate) fn log(level: u32, text: &str) {
    let level = match level {
        1 => Level::Error,
        2 => Level::Warn,
        3 => Level::Info,
        4 => Level::Debug,
        _ => Level::Trace,
    };
    host::log(level, text);
}

pub(crate) fn error(text: &str) {
    SAID.with_borrow_mut(|said| said.error = Some(text.to_owned()));
}

/// What is said before a trap: nothing that is kept would be heard.
pub(crate) fn last_words(text: &str) {
    host::log(Level::Error, text);
}

pub(crate) fn retry_after_ms(delay: i64) {
    SAID.with_borrow_mut(|said| said.retry_after_ms = Some(delay.cast_unsigned()));
}
