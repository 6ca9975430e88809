//! Handlers under `cargo test`, natively: the same code that runs in Wasm, against a stand-in for
//! the host that records what the host would record.
//!
//! ```
//! use wasm_evq_guest::testing::{self, Verdict};
//! use wasm_evq_guest::{Error, Event, handler, json};
//!
//! #[handler]
//! fn handle(event: Event) -> Result<String, Error> {
//!     log::info!("attempt {}", event.attempt());
//!     match event.data()?["name"].as_str() {
//!         Some(name) => Ok(format!("hello {name}")),
//!         None => Err(Error::permanent("no name")),
//!     }
//! }
//!
//! let outcome = testing::event("greet").data(json!({"name": "Ada"})).attempt(2).run(handle);
//! assert_eq!(outcome.verdict(), Verdict::Done);
//! assert_eq!(outcome.json(), "hello Ada");
//! assert_eq!(outcome.logs()[0].text, "attempt 2");
//!
//! let outcome = testing::event("greet").data(json!({})).run(handle);
//! assert_eq!(outcome.verdict(), Verdict::Permanent);
//! assert_eq!(outcome.message(), Some("no name"));
//! ```
//!
//! Limits on memory, fuel and time are not enforced here, and the random bytes are steady but not
//! the ones the host will give.

mod event;
mod outcome;

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Map, Value};

pub use self::event::{TestEvent, event};
pub use self::outcome::{LogLine, Outcome, Verdict};
use crate::Reply;
use crate::abi::fake::{self, Host, Record};
use crate::run::Argument;

/// Runs a handler on an event given as CloudEvents JSON text.
///
/// # Panics
/// When the host would not accept the event.
pub fn run<A: Argument, R: Reply<Kind>, Kind>(handle: impl FnOnce(A) -> R, event_json: &str) -> Outcome {
    run_attempt(handle, event_json, Setting::default())
}

/// What surrounds an event.
#[derive(Debug, Clone)]
struct Setting {
    attempt: u32,
    accepted_at_ms: i64,
    environment: BTreeMap<String, String>,
    answers: VecDeque<Vec<u8>>,
}

impl Default for Setting {
    fn default() -> Self {
        Setting {
            attempt: 1,
            accepted_at_ms: 1_700_000_000_000,
            environment: BTreeMap::new(),
            answers: VecDeque::new(),
        }
    }
}

fn run_attempt<A: Argument, R: Reply<Kind>, Kind>(
    handle: impl FnOnce(A) -> R,
    event_json: &str,
    setting: Setting,
) -> Outcome {
    let host = Host {
        event: event_json.to_owned(),
        attempt: setting.attempt,
        now_ms: setting.accepted_at_ms,
        random: seed(&accepted(event_json)),
        environment: setting.environment,
        answers: setting.answers,
        record: Record::default(),
    };
    let len = event_json.len();
    // Unwinding stands for the trap; what the handler held is gone with the instance either way.
    let (ended, record) =
        fake::with_host(host, || catch_unwind(AssertUnwindSafe(|| crate::run::run(len, handle))));
    Outcome::new(ended, record)
}

/// The least that the host asks of an event.
fn accepted(json: &str) -> Map<String, Value> {
    let members: Map<String, Value> = match serde_json::from_str(json) {
        Ok(members) => members,
        Err(error) => panic!("the host would not accept this event: not a JSON object: {error}"),
    };
    assert!(
        members.get("specversion").is_some_and(|version| version == "1.0"),
        "the host would not accept this event: `specversion` must be \"1.0\""
    );
    for name in ["id", "source", "type"] {
        assert!(
            members.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty()),
            "the host would not accept this event: `{name}` must be a string that is not empty"
        );
    }
    members
}

/// FNV-1a of the event's identity.
fn seed(event: &Map<String, Value>) -> u64 {
    let identity = format!("{}\0{}", event["source"], event["id"]);
    identity
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}
