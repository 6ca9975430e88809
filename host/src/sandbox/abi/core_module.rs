//! What the ABIs of core modules have in common: a memory, and words for imports that nobody serves.

use wasmtime::{Engine, ExternType, FuncType, Module, ValType};

use crate::limits::Limits;

pub const PAGE_BYTES: u64 = 64 * 1024;

/// The size of the exported memory in a new instance; 0 without one.
pub fn memory_bytes_min(module: &Module) -> u64 {
    match module.get_export("memory") {
        Some(ExternType::Memory(memory)) => memory.minimum().saturating_mul(PAGE_BYTES),
        _ => 0,
    }
}

pub fn memory_problem(module: &Module, limits: &Limits) -> Option<String> {
    let Some(ExternType::Memory(_)) = module.get_export("memory") else {
        return Some("it does not export a memory as `memory`".into());
    };
    let (bytes, bytes_max) = (memory_bytes_min(module), limits.memory_bytes_max);
    (bytes > bytes_max)
        .then(|| format!("its memory starts at {bytes} bytes, the limit is {bytes_max}; raise --max-memory"))
}

/// `None` when the module exports a function of this type as its entry.
pub fn entry_problem(
    module: &Module,
    entry: &str,
    params: &str,
    results: &str,
    shown: &str,
) -> Option<String> {
    let wanted = signature(module.engine(), params, results);
    match module.get_export(entry) {
        Some(ExternType::Func(found)) if FuncType::eq(&found, &wanted) => None,
        _ => Some(format!("its export `{entry}` is not a function {shown}")),
    }
}

/// A module's own word, which may be of any length and hold anything, as part of a line.
pub fn shown(name: &str) -> String {
    const CHARS_MAX: usize = 64;
    let cut = if name.chars().nth(CHARS_MAX).is_some() { "..." } else { "" };
    format!("{}{cut}", name.chars().take(CHARS_MAX).flat_map(char::escape_debug).collect::<String>())
}

/// A function type by letters: `i` is i32, `l` is i64.
pub fn signature(engine: &Engine, params: &str, results: &str) -> FuncType {
    let types = |letters: &str| -> Vec<ValType> {
        letters.chars().map(|c| if c == 'l' { ValType::I64 } else { ValType::I32 }).collect()
    };
    FuncType::new(engine, types(params), types(results))
}
