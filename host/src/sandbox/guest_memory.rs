//! The only way to a guest's memory: every pointer and length is checked, in 64 bits, and what the host
//! does with the bytes is paid for.

use wasmtime::{Caller, Extern, Memory};

use super::attempt_state::AttemptState;
use super::toll::pay;
use super::trap::Ended;

/// The guest's memory, found by its export the first time an import needs it.
fn memory(caller: &mut Caller<'_, AttemptState>) -> Result<Memory, Ended> {
    if let Some(memory) = caller.data().memory {
        return Ok(memory);
    }
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return Err(Ended::violation("an import was called, but no memory is exported as `memory`"));
    };
    caller.data_mut().memory = Some(memory);
    Ok(memory)
}

/// `len` bytes of the guest's memory from `ptr` on, beside the attempt's state.
pub fn slice<'a>(
    caller: &'a mut Caller<'_, AttemptState>,
    what: &str,
    ptr: i32,
    len: i32,
) -> Result<(&'a mut [u8], &'a mut AttemptState), Ended> {
    let memory = memory(caller)?;
    // A range that is longer than the memory is refused before anything is done with it.
    let cost = u64::from(len.cast_unsigned()).min(memory.data_size(&*caller) as u64);
    pay(caller, cost)?;
    let (bytes, state) = memory.data_and_store_mut(caller);
    let size = bytes.len();
    // The guest's numbers are unsigned; as u64 their sum cannot wrap.
    let (start, len) = (u64::from(ptr.cast_unsigned()), u64::from(len.cast_unsigned()));
    let range = usize::try_from(start).ok().zip(usize::try_from(start + len).ok());
    match range.and_then(|(start, end)| bytes.get_mut(start..end)) {
        Some(slice) => Ok((slice, state)),
        None => Err(Ended::violation(format!(
            "`{what}` was given {len} bytes at {start}, outside its memory of {size} bytes"
        ))),
    }
}

/// As [`slice`], for text.
pub fn text<'a>(
    caller: &'a mut Caller<'_, AttemptState>,
    what: &str,
    ptr: i32,
    len: i32,
) -> Result<(&'a str, &'a mut AttemptState), Ended> {
    let (bytes, state) = slice(caller, what, ptr, len)?;
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((text, state)),
        Err(e) => Err(Ended::violation(format!(
            "`{what}` was given text that is not UTF-8 at byte {}",
            e.valid_up_to()
        ))),
    }
}
