//! Version 1 of the core ABI, as `guest-sdk/ABI.md` describes it: the imports and what a module
//! must export.

use wasmtime::{Caller, Engine, ExternType, FuncType, Linker, Module, ValType};

use crate::event::LimitName;
use crate::event::{LogLevel, Output};
use crate::limits::Limits;
use crate::sandbox::attempt_state::{AttemptState, bound};
use crate::sandbox::guest_memory::{slice, text};
use crate::sandbox::trap::Ended;

/// The function that handles one event.
pub const ENTRY: &str = "evq_handle_v1";

/// The module that all imports come from.
const IMPORTS: &str = "evq_v1";

const PAGE_BYTES: u64 = 64 * 1024;

type Guest<'a> = Caller<'a, AttemptState>;

/// The imports of version 1.
pub fn linker(engine: &Engine) -> wasmtime::Result<Linker<AttemptState>> {
    let mut linker = Linker::new(engine);
    linker
        .func_wrap(IMPORTS, "event_read", event_read)?
        .func_wrap(IMPORTS, "attempt", |guest: Guest<'_>| guest.data().attempt.cast_signed())?
        .func_wrap(IMPORTS, "now_ms", |guest: Guest<'_>| guest.data().accepted_at.0)?
        .func_wrap(IMPORTS, "random_fill", random_fill)?
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
    let (start, event) = (offset.cast_unsigned() as usize, state.event.as_bytes());
    let Some(source) = event.get(start..).and_then(|rest| rest.get(..target.len())) else {
        let (len, size) = (target.len(), event.len());
        return Err(Ended::violation(format!(
            "`event_read` of {len} bytes from offset {start}, but the event has {size}"
        ))
        .into());
    };
    target.copy_from_slice(source);
    Ok(())
}

fn random_fill(mut guest: Guest<'_>, dst: i32, len: i32) -> wasmtime::Result<()> {
    let (target, state) = slice(&mut guest, "random_fill", dst, len)?;
    state.fill_random(target);
    Ok(())
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

/// All that keeps a module from being a handler of this ABI.
pub fn problems(module: &Module, limits: &Limits) -> Vec<String> {
    let mut problems = Vec::new();
    problems.extend(entry_problem(module));
    problems.extend(memory_problem(module, limits));
    problems.extend(
        module.imports().filter_map(|import| {
            import_problem(module.engine(), import.module(), import.name(), &import.ty())
        }),
    );
    problems
}

fn entry_problem(module: &Module) -> Option<String> {
    let wanted = signature(module.engine(), "i", "i");
    match module.get_export(ENTRY) {
        Some(ExternType::Func(found)) if FuncType::eq(&found, &wanted) => None,
        Some(_) => Some(format!("its export `{ENTRY}` is not a function (i32) -> i32")),
        None => Some(format!(
            "it does not export `{ENTRY}`; write `#[handler]` on a function, or see guest-sdk/ABI.md"
        )),
    }
}

/// The size of the exported memory in a new instance; 0 without one.
pub fn memory_bytes_min(module: &Module) -> u64 {
    match module.get_export("memory") {
        Some(ExternType::Memory(memory)) => memory.minimum().saturating_mul(PAGE_BYTES),
        _ => 0,
    }
}

fn memory_problem(module: &Module, limits: &Limits) -> Option<String> {
    let Some(ExternType::Memory(_)) = module.get_export("memory") else {
        return Some("it does not export a memory as `memory`".into());
    };
    let (bytes, bytes_max) = (memory_bytes_min(module), limits.memory_bytes_max);
    (bytes > bytes_max)
        .then(|| format!("its memory starts at {bytes} bytes, the limit is {bytes_max}; raise --max-memory"))
}

fn import_problem(engine: &Engine, module: &str, name: &str, found: &ExternType) -> Option<String> {
    if module != IMPORTS {
        let hint = match module.starts_with("wasi") {
            true => "WASI is not served; build for wasm32-unknown-unknown with `wasm-evq build`",
            false => "handlers import from `evq_v1` alone",
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

/// A module's own word, which may be of any length and hold anything, as part of a line.
fn shown(name: &str) -> String {
    const CHARS_MAX: usize = 64;
    let cut = if name.chars().nth(CHARS_MAX).is_some() { "..." } else { "" };
    format!("{}{cut}", name.chars().take(CHARS_MAX).flat_map(char::escape_debug).collect::<String>())
}

/// Name, parameters and results of every import: `i` is i32, `l` is i64.
const SIGNATURES: [(&str, &str, &str); 9] = [
    ("event_read", "iii", ""),
    ("attempt", "", "i"),
    ("now_ms", "", "l"),
    ("random_fill", "ii", ""),
    ("output", "iii", ""),
    ("emit", "ii", ""),
    ("log", "iii", ""),
    ("error", "ii", ""),
    ("retry_after_ms", "l", ""),
];

fn signature(engine: &Engine, params: &str, results: &str) -> FuncType {
    let types = |letters: &str| -> Vec<ValType> {
        letters.chars().map(|c| if c == 'l' { ValType::I64 } else { ValType::I32 }).collect()
    };
    FuncType::new(engine, types(params), types(results))
}
