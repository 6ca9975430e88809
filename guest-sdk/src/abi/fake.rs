//! A stand-in for the host, for native tests: it keeps what the handler said and holds it to ABI.md.
//!
//! One per thread, as tests run side by side. Breaking the ABI ends the attempt there, which natively
//! is a panic with a payload of its own.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::panic::panic_any;

use serde_json::Value;

use super::OutputKind;

thread_local! {
    static HOST: RefCell<Option<Host>> = const { RefCell::new(None) };
}

/// The event to be handled, and what was said so far.
pub(crate) struct Host {
    pub(crate) event: String,
    pub(crate) attempt: u32,
    pub(crate) now_ms: i64,
    /// State of the random stream, seeded by the event's identity.
    pub(crate) random: u64,
    pub(crate) environment: BTreeMap<String, String>,
    /// Answers to its requests, as the ABI has them, in their order.
    pub(crate) answers: VecDeque<Vec<u8>>,
    pub(crate) record: Record,
}

/// What the handler told the host.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) output: Option<(OutputKind, Vec<u8>)>,
    pub(crate) emitted: Vec<Value>,
    pub(crate) requests: Vec<Vec<u8>>,
    pub(crate) logs: Vec<(u32, String)>,
    pub(crate) error: Option<String>,
    pub(crate) retry_after_ms: Option<i64>,
}

/// The payload of the panic that ends an attempt which broke the ABI.
pub(crate) struct Breach(pub(crate) String);

/// Runs `body` with `host` answering on this thread, and gives back what it was told.
pub(crate) fn with_host<R>(host: Host, body: impl FnOnce() -> R) -> (R, Record) {
    let before = HOST.replace(Some(host));
    assert!(before.is_none(), "a handler under test cannot run another one");
    let result = body();
    let host = HOST.take().expect("the host was put there above");
    (result, host.record)
}

pub(crate) fn is_running() -> bool {
    HOST.with_borrow(Option::is_some)
}

pub(crate) fn is_breach(payload: &dyn Any) -> bool {
    payload.is::<Breach>()
}

pub(crate) fn event_text(len: usize) -> &'static str {
    let text = ask(|host| host.event.clone());
    if len != text.len() {
        breach(format!("an event of {} bytes was read as {len} bytes", text.len()));
    }
    // As in Wasm, the text outlives the handler; a test process can afford it.
    text.leak()
}

pub(crate) fn attempt() -> u32 {
    ask(|host| host.attempt)
}

pub(crate) fn now_ms() -> i64 {
    ask(|host| host.now_ms)
}

pub(crate) fn random_fill(buffer: &mut [u8]) {
    ask(|host| buffer.fill_with(|| next_byte(&mut host.random)));
}

pub(crate) fn env(name: &str) -> Option<String> {
    ask(|host| host.environment.get(name).cloned())
}

pub(crate) fn http(request: &[u8]) -> Vec<u8> {
    let answer = ask(|host| {
        host.record.requests.push(request.to_vec());
        host.answers.pop_front()
    });
    answer.unwrap_or_else(|| {
        let message = "the test has no answer to this request; give one by `answer` or `no_answer`";
        format!("{{\"error\":\"not_granted\",\"message\":\"{message}\",\"retry\":false}}\n").into_bytes()
    })
}

pub(crate) fn output(kind: OutputKind, bytes: &[u8]) {
    if ask(|host| host.record.output.is_some()) {
        breach("a second output");
    }
    if kind == OutputKind::Json && serde_json::from_slice::<&serde_json::value::RawValue>(bytes).is_err() {
        breach("the output is not JSON");
    }
    ask(|host| host.record.output = Some((kind, bytes.to_vec())));
}

pub(crate) fn emit(json: &[u8]) {
    match emitted(json) {
        Ok(event) => ask(|host| host.record.emitted.push(event)),
        Err(problem) => breach(problem),
    }
}

pub(crate) fn log(level: u32, text: &str) {
    // Other tests may log while no handler runs on their thread.
    if is_running() {
        ask(|host| host.record.logs.push((level, text.to_owned())));
    }
}

pub(crate) fn error(text: &str) {
    let text = start_of(text, 4096).to_owned();
    ask(|host| host.record.error = Some(text));
}

pub(crate) fn retry_after_ms(delay: i64) {
    ask(|host| host.record.retry_after_ms = Some(delay));
}

fn ask<R>(question: impl FnOnce(&mut Host) -> R) -> R {
    let answer = HOST.with_borrow_mut(|host| host.as_mut().map(question));
    answer.expect("no event is at hand: run the handler with wasm_evq_guest::testing")
}

fn breach(problem: impl Into<String>) -> ! {
    panic_any(Breach(problem.into()))
}

/// Checks an emitted event as far as the ABI says.
fn emitted(json: &[u8]) -> Result<Value, String> {
    let event: Value =
        serde_json::from_slice(json).map_err(|e| format!("an emitted event is not JSON: {e}"))?;
    let Some(members) = event.as_object() else {
        return Err("an emitted event is not a JSON object".to_owned());
    };
    for name in ["id", "source"] {
        if members.contains_key(name) {
            return Err(format!("an emitted event sets `{name}`, which is the host's to set"));
        }
    }
    match members.get("type").and_then(Value::as_str) {
        None | Some("") => Err("an emitted event has no `type`".to_owned()),
        Some(_) => Ok(event),
    }
}

/// One step of SplitMix64. Not the host's stream; only as steady as it.
fn next_byte(state: &mut u64) -> u8 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 31)) >> 56) as u8
}

/// The start of `text`, `bytes_max` bytes at most, cut between characters.
fn start_of(text: &str, bytes_max: usize) -> &str {
    let cut = (0..=bytes_max.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..cut.unwrap_or(0)]
}
