//! From the ways wasmtime ends a call to a verdict.

use std::time::Duration;

use wasmtime::{Trap, WasmBacktrace};

use super::attempt_state::AttemptState;
use super::engine::one_line;
use crate::event::{LimitExceeded, LimitName, Verdict};

/// Frames of a backtrace that are kept; a runaway recursion has thousands.
pub const BACKTRACE_FRAMES_MAX: usize = 32;

/// The attempt was ended by one of our own imports.
#[derive(Debug, thiserror::Error)]
#[error("the host ended the attempt")]
pub struct Ended(Box<Verdict>);

impl Ended {
    pub fn violation(message: impl Into<String>) -> Self {
        Ended(Box::new(Verdict::Violation { message: message.into() }))
    }

    /// As a failure of the handler's: it could not go on.
    pub fn failed(message: impl Into<String>) -> Self {
        Ended(Box::new(Verdict::Failed { message: message.into() }))
    }

    pub fn limit(limit: LimitExceeded) -> Self {
        Ended(Box::new(Verdict::LimitExceeded(limit)))
    }
}

/// Says why a call did not return.
pub fn verdict_of(error: &wasmtime::Error, state: &AttemptState, elapsed: Duration) -> Verdict {
    if let Some(Ended(verdict)) = error.downcast_ref() {
        return (**verdict).clone();
    }
    // A guest that was refused memory mostly traps next; the refusal is the reason.
    if let Some(refused) = state.budget.refused() {
        return Verdict::LimitExceeded(refused);
    }
    let limits = &state.limits;
    let limit = |name, used, max| Verdict::LimitExceeded(LimitExceeded { name, used, max });
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => limit(LimitName::Fuel, limits.fuel_max, limits.fuel_max),
        Some(Trap::StackOverflow) => limit(LimitName::Stack, limits.stack_bytes_max, limits.stack_bytes_max),
        Some(Trap::Interrupt) => limit(LimitName::WallClock, millis(elapsed), millis(limits.wall_clock_max)),
        Some(trap) => trapped(&state.error, &trap.to_string(), error),
        None => trapped(&state.error, &one_line(error), error),
    }
}

fn trapped(said: &Option<String>, trap: &str, error: &wasmtime::Error) -> Verdict {
    // What the guest said before it trapped (a panic's message and place) tells more than the trap.
    let message = match said {
        Some(said) => format!("{said} ({trap})"),
        None => trap.to_owned(),
    };
    Verdict::Trapped { message, backtrace: backtrace(error) }
}

fn backtrace(error: &wasmtime::Error) -> String {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return String::new() };
    let mut text = String::new();
    for (depth, frame) in backtrace.frames().iter().take(BACKTRACE_FRAMES_MAX).enumerate() {
        let name = frame.func_name().map_or_else(
            || format!("function {}", frame.func_index()),
            |name| format!("{:#}", rustc_demangle::demangle(name)),
        );
        text.push_str(&format!("{depth}: {name}"));
        if let Some(symbol) = frame.symbols().first()
            && let (Some(file), Some(line)) = (symbol.file(), symbol.line())
        {
            text.push_str(&format!(" at {file}:{line}"));
        }
        text.push('\n');
    }
    text
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
