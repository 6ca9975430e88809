//! Version 1 of the core ABI, as `guest-sdk/ABI.md` describes it: the imports and what a module
//! must export.

mod http;

use std::time::Duration;

use wasmtime::{Caller, Engine, ExternType, FuncType, Linker, Module, Store, TypedFunc};

use super::core_module::{entry_problem, shown, signature};
use crate::event::{LimitName, LogLevel, Output, Verdict};
use crate::sandbox::attempt_state::{AttemptState, bound};
use crate::sandbox::guest_memory::{slice, text};
use crate::sandbox::trap::Ended;

/// The function that handles one event.
pub const ENTRY: &str = "evq_handle_v1";

/// The module that all imports come from.
const IMPORTS: &str = "evq_v1";

/// Delay of a "not yet" that names none.
pub const RETRY_AFTER_DEFAULT_MS: u64 = 1000;

/// Answer of `env` when there is no such value.
const NOT_GRANTED: i32 = -1;

type Guest<'a> = Caller<'a, AttemptState>;

/// The imports of version 1.
pub fn linker(engine: &Engine) -> wasmtime::Result<Linker<AttemptState>> {
    let mut linker = Linker::new(engine);
    linker
        .func_wrap(IMPORTS, "event_read", event_read)?
        .func_wrap(IMPORTS, "attempt", |guest: Guest<'_>| guest.data().attempt.cast_signed())?
        .func_wrap(IMPORTS, "now_ms", |guest: Guest<'_>| guest.data().accepted_at.0)?
        .func_wrap(IMPORTS, "random_fill", random_fill)?
        .func_wrap(IMPORTS, "env", env)?
        .func_wrap(IMPORTS, "http_send", http::send)?
        .func_wrap(IMPORTS, "http_read", http::read)?
        .func_wrap(IMPORTS, "output", output)?
        .func_wrap(IMPORTS, "emit", emit)?
        .func_wrap(IMPORTS, "log", log)?
        .func_wrap(IMPORTS, "error", error)?
        .func_wrap(IMPORTS, "retry_after_ms", |mut guest: Guest<'_>, delay: i64| {
            guest.data_mut().retry_after_ms = Some(delay.cast_unsigned());
        })?;
    Ok(linker)
}

fn event_read(mut guest: Guest<'_>, dst: i32, offset: i32, len: i32) -> wasmtime::Result<()> {
    let (target, state) = slice(&mut guest, "event_read", dst, len)?;
    Ok(copy_part("event_read", "event", state.event.as_bytes(), offset, target)?)
}

/// Hands over a part of what the host has for the guest.
fn copy_part(import: &str, what: &str, whole: &[u8], offset: i32, target: &mut [u8]) -> Result<(), Ended> {
    let start = offset.cast_unsigned() as usize;
    let Some(source) = whole.get(start..).and_then(|rest| rest.get(..target.len())) else {
        let (len, size) = (target.len(), whole.len());
        return Err(Ended::violation(format!(
            "`{import}` of {len} bytes from offset {start}, but the {what} has {size}"
        )));
    };
    target.copy_from_slice(source);
    Ok(())
}

fn random_fill(mut guest: Guest<'_>, dst: i32, len: i32) -> wasmtime::Result<()> {
    let (target, state) = slice(&mut guest, "random_fill", dst, len)?;
    state.fill_random(target);
    Ok(())
}

/// The value's length, or that there is none. Only a value that the guest has room for is handed over.
fn env(mut guest: Guest<'_>, name: i32, name_len: i32, dst: i32, len: i32) -> wasmtime::Result<i32> {
    let grants = guest.data().grants.clone();
    let (name, _) = text(&mut guest, "env", name, name_len)?;
    let Some(value) = grants.environment.get(name) else { return Ok(NOT_GRANTED) };
    // Grants are bounded.
    let value_len = value.len() as u32;
    if value_len <= len.cast_unsigned() {
        let (target, _) = slice(&mut guest, "env", dst, value_len.cast_signed())?;
        target.copy_from_slice(value.as_bytes());
    }
    Ok(value_len.cast_signed())
}

fn output(mut guest: Guest<'_>, kind: i32, ptr: i32, len: i32) -> wasmtime::Result<()> {
    let bytes_max = guest.data().limits.output_bytes_max;
    // Before the range is looked at: "1 GB of output" is a clearer word than "outside the memory".
    bound(LimitName::Output, u64::from(len.cast_unsigned()), bytes_max)?;
    match kind {
        0 => {
            let (json, state) = text(&mut guest, "output", ptr, len)?;
            serde_json::from_str::<serde::de::IgnoredAny>(json)
                .map_err(|e| Ended::violation(format!("`output` of kind 0 is not JSON: {e}")))?;
            let json = Output::Json(json.into());
            state.set_output(json)?;
        }
        1 => {
            let (bytes, state) = slice(&mut guest, "output", ptr, len)?;
            let bytes = Output::Bytes((&*bytes).into());
            state.set_output(bytes)?;
        }
        other => {
            return Err(
                Ended::violation(format!("`output` of unknown kind {other}; 0 is JSON, 1 is bytes")).into()
            );
        }
    }
    Ok(())
}

fn emit(mut guest: Guest<'_>, ptr: i32, len: i32) -> wasmtime::Result<()> {
    let (json, state) = slice(&mut guest, "emit", ptr, len)?;
    Ok(state.emit(json)?)
}

fn log(mut guest: Guest<'_>, level: i32, ptr: i32, len: i32) -> wasmtime::Result<()> {
    let Some(level) = LogLevel::from_number(level) else {
        return Err(
            Ended::violation(format!("`log` of unknown level {level}; 1 is error, 5 is trace")).into()
        );
    };
    let (line, state) = text(&mut guest, "log", ptr, len)?;
    Ok(state.push_log(level, line)?)
}

fn error(mut guest: Guest<'_>, ptr: i32, len: i32) -> wasmtime::Result<()> {
    let (message, state) = text(&mut guest, "error", ptr, len)?;
    state.set_error(message);
    Ok(())
}

/// Calls the entry, and reads what it said.
pub fn call(entry: &TypedFunc<i32, i32>, store: &mut Store<AttemptState>) -> wasmtime::Result<Verdict> {
    let event_len = i32::try_from(store.data().event.len())?;
    let code = entry.call(&mut *store, event_len)?;
    Ok(verdict_of_code(code, store.data_mut()))
}

/// What the handler's return code means.
pub fn verdict_of_code(code: i32, state: &mut AttemptState) -> Verdict {
    if code == 0 {
        let output = state.output.take().unwrap_or(Output::None);
        return Verdict::Ok { output, emitted: std::mem::take(&mut state.emitted) };
    }
    let message = state.error.take().unwrap_or_else(|| "the handler gave no reason".into());
    match code {
        1 => state.unless_refused(Verdict::Failed { message }),
        2 => {
            let delay_ms = state.retry_after_ms.unwrap_or(RETRY_AFTER_DEFAULT_MS);
            Verdict::RetryAfter { delay: Duration::from_millis(delay_ms), message }
        }
        3 => state.unless_refused(Verdict::Permanent { message }),
        other => Verdict::Violation { message: format!("it returned {other}; the codes are 0 to 3") },
    }
}

/// All that keeps a module from being a handler of this ABI.
pub fn problems(module: &Module) -> Vec<String> {
    let entry = entry_problem(module, ENTRY, "i", "i", "(i32) -> i32");
    let imports = module
        .imports()
        .filter_map(|import| import_problem(module.engine(), import.module(), import.name(), &import.ty()));
    entry.into_iter().chain(imports).collect()
}

fn import_problem(engine: &Engine, module: &str, name: &str, found: &ExternType) -> Option<String> {
    if module != IMPORTS {
        let hint = match module.starts_with("wasi") {
            true => {
                "WASI is served to commands, which export `_start`; build for wasm32-unknown-unknown with \
                 `wasm-evq build`"
            }
            false => "handlers made with the SDK import from `evq_v1` alone",
        };
        return Some(format!("it imports `{}.{}`; {hint}", shown(module), shown(name)));
    }
    let Some((_, params, results)) = SIGNATURES.iter().find(|(known, ..)| *known == name) else {
        return Some(format!("it imports `evq_v1.{}`, which version 1 does not have", shown(name)));
    };
    let wanted = signature(engine, params, results);
    match found {
        ExternType::Func(found) if FuncType::eq(found, &wanted) => None,
        _ => Some(format!("it imports `evq_v1.{name}` with another type than {wanted}")),
    }
}

/// Name, parameters and results of every import: `i` is i32, `l` is i64.
const SIGNATURES: [(&str, &str, &str); 12] = [
    ("event_read", "iii", ""),
    ("attempt", "", "i"),
    ("now_ms", "", "l"),
    ("random_fill", "ii", ""),
    ("env", "iiii", "i"),
    ("http_send", "ii", "i"),
    ("http_read", "iii", ""),
    ("output", "iii", ""),
    ("emit", "ii", ""),
    ("log", "iii", ""),
    ("error", "ii", ""),
    ("retry_after_ms", "l", ""),
];
