//! What a command's exit code means.

use std::time::Duration;

use crate::event::Verdict;
use crate::sandbox::abi::core_v1::RETRY_AFTER_DEFAULT_MS;
use crate::sandbox::attempt_state::AttemptState;

/// The input is wrong, and will be: EX_DATAERR of sysexits.h.
const DATA_ERROR: u32 = 65;

/// Not now: EX_TEMPFAIL of sysexits.h.
const TEMPORARY_FAILURE: u32 = 75;

/// The guest ended itself. No error, but the only way out of its frames.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the guest ended with exit code {0}")]
pub struct Exit(pub u32);

/// The verdict on a command that ended by itself.
pub fn verdict_of_exit(code: u32, state: &mut AttemptState) -> Verdict {
    state.close_stderr();
    if code == 0 {
        return Verdict::Ok { output: state.take_stdout(), emitted: Vec::new() };
    }
    if code == TEMPORARY_FAILURE {
        let delay = Duration::from_millis(RETRY_AFTER_DEFAULT_MS);
        return Verdict::RetryAfter { delay, message: message(code, state) };
    }
    // Languages have an exit code for "no memory", each its own.
    state.unless_refused(match code {
        DATA_ERROR => Verdict::Permanent { message: message(code, state) },
        _ => Verdict::Failed { message: message(code, state) },
    })
}

/// The last line of the log: where programs say why they end.
fn message(code: u32, state: &AttemptState) -> String {
    let said = state.logs.iter().rev().map(|line| line.text.trim()).find(|text| !text.is_empty());
    match said {
        Some(said) => format!("{said} (exit code {code})"),
        None => format!("exit code {code}"),
    }
}
