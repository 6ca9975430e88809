//! Every bound an attempt has, with its default. All are on unless raised; none can be turned off.

use std::time::Duration;

pub const KIB: u64 = 1024;
pub const MIB: u64 = 1024 * KIB;

/// What one attempt may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// An event, its attributes and JSON punctuation included.
    pub event_bytes_max: u64,
    /// The guest's linear memories together.
    pub memory_bytes_max: u64,
    /// Elements of the guest's tables together.
    pub table_elements_max: u64,
    /// Roughly one unit a Wasm instruction.
    pub fuel_max: u64,
    pub wall_clock_max: Duration,
    /// The stack of the compiled code, apart from any stack in linear memory.
    pub stack_bytes_max: u64,
    pub output_bytes_max: u64,
    pub log_bytes_max: u64,
    pub emitted_events_max: u32,
    /// The emitted events of one attempt together.
    pub emitted_bytes_max: u64,
    /// Handlers in a row that an emitted event may pass through.
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
