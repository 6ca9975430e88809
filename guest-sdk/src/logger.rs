//! The `log` crate's macros, answered by the host.

use log::{LevelFilter, Log, Metadata, Record};

use crate::abi;

/// Everything is passed on: what to keep is the host's decision.
pub(crate) fn install() {
    // Natively a test may have installed its own logger; then its lines are its own.
    let _ = log::set_logger(&HostLog);
    log::set_max_level(LevelFilter::Trace);
}

struct HostLog;

impl Log for HostLog {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        // `log` numbers its levels as the ABI does: 1 is error, 5 is trace.
        let level = record.level() as u32;
        match record.args().as_str() {
            Some(text) => abi::log(level, text),
            None => abi::log(level, &record.args().to_string()),
        }
    }

    fn flush(&self) {}
}
