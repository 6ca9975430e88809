//! Every bound an attempt has, with its default. All are on unless raised; none can be turned off.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub const KIB: u64 = 1024;
pub const MIB: u64 = 1024 * KIB;

/// Largest module file.
pub const MODULE_BYTES_MAX: u64 = 64 * MIB;

/// Largest module as `.wat` text, which takes many times its size to parse.
pub const MODULE_TEXT_BYTES_MAX: u64 = 4 * MIB;

/// Functions of a module. Each takes some 8 KB and 0.1 ms to compile, be it empty; large programs have
/// some ten thousand.
pub const FUNCTIONS_MAX: u32 = 50_000;

/// Machine code is made of this part of a module alone, about a megabyte a second and core. A whole Python
/// interpreter has less than 10 MB of it.
pub const CODE_BYTES_MAX: u64 = 16 * MIB;

/// Memory that the compiler may be expected to take for one function. The largest functions that compilers
/// make, the loops of interpreters, take less than half of it.
pub const FUNCTION_COMPILE_BYTES_MAX: u64 = 512 * MIB;

/// Time to compile a module: what the bounds above let pass takes some seconds, unless it is made to take
/// longer.
pub const COMPILE_TIME_MAX: Duration = Duration::from_secs(60);

/// Handles that a component may hold at a time: of streams, bodies, moments to wait for.
pub const RESOURCES_MAX: u64 = 10_000;

/// Requests that one attempt may send, answered or not.
pub const HTTP_EXCHANGES_MAX: usize = 16;

/// The requests of one attempt and their answers together: all of it is recorded.
pub const HTTP_BYTES_MAX: u64 = 4 * MIB;

/// The body of a request, and that of a response.
pub const HTTP_BODY_BYTES_MAX: u64 = MIB;

/// The header fields of a request, and those of a response.
pub const HTTP_HEADER_BYTES_MAX: usize = 64 * 1024;

/// Servers mostly take no longer ones.
pub const HTTP_URL_BYTES_MAX: usize = 8 * 1024;

/// From the look-up of the host's name to the last byte of the response, unless the attempt ends before.
pub const HTTP_TIME_MAX: Duration = Duration::from_secs(10);

/// What one attempt may use. As JSON each bound stands under its name without `_max`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// An event, its attributes and JSON punctuation included.
    #[serde(rename = "event_bytes")]
    pub event_bytes_max: u64,
    /// The guest's linear memories together.
    #[serde(rename = "memory_bytes")]
    pub memory_bytes_max: u64,
    /// Elements of the guest's tables together.
    #[serde(rename = "table_elements")]
    pub table_elements_max: u64,
    /// Roughly one unit a Wasm instruction, and one for each byte of the module's data.
    #[serde(rename = "fuel")]
    pub fuel_max: u64,
    #[serde(rename = "wall_clock_ms", serialize_with = "as_millis", deserialize_with = "from_millis")]
    pub wall_clock_max: Duration,
    /// The stack of the compiled code, apart from any stack in linear memory.
    #[serde(rename = "stack_bytes")]
    pub stack_bytes_max: u64,
    #[serde(rename = "output_bytes")]
    pub output_bytes_max: u64,
    #[serde(rename = "log_bytes")]
    pub log_bytes_max: u64,
    #[serde(rename = "emitted_events")]
    pub emitted_events_max: u32,
    /// The emitted events of one attempt together.
    #[serde(rename = "emitted_bytes")]
    pub emitted_bytes_max: u64,
    /// Handlers in a row that an emitted event may pass through.
    #[serde(rename = "hops")]
    pub hops_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            event_bytes_max: MIB,
            memory_bytes_max: 64 * MIB,
            table_elements_max: 20_000,
            fuel_max: 1_000_000_000,
            wall_clock_max: Duration::from_secs(5),
            stack_bytes_max: 512 * KIB,
            output_bytes_max: MIB,
            log_bytes_max: 64 * KIB,
            emitted_events_max: 100,
            emitted_bytes_max: 4 * MIB,
            hops_max: 16,
        }
    }
}

impl Limits {
    /// The same limits are always the same text: it is part of a module's identity.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers are always JSON")
    }

    /// `None` when a bound is missing, as in what another version of this program wrote.
    pub fn from_json(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}

fn as_millis<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

fn from_millis<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u64::deserialize(from).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_come_back_from_their_text() {
        let limits = Limits { fuel_max: u64::MAX >> 1, hops_max: 3, ..Limits::default() };
        assert_eq!(Limits::from_json(&limits.to_json()), Some(limits));
        assert!(limits.to_json().contains(r#""wall_clock_ms":5000"#), "{}", limits.to_json());
    }

    #[test]
    fn a_text_that_lacks_a_bound_is_not_taken_for_limits() {
        let text = Limits::default().to_json().replace("hops", "jumps");
        assert_eq!(Limits::from_json(&text), None);
    }
}
