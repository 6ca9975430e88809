//! Numbers in the guest's memory, little-endian, at any place.

use super::Guest;
use crate::sandbox::guest_memory::slice;
use crate::sandbox::trap::Ended;

pub fn write_u32(guest: &mut Guest<'_>, what: &str, ptr: i32, value: u32) -> Result<(), Ended> {
    write(guest, what, ptr, &value.to_le_bytes())
}

pub fn write_u64(guest: &mut Guest<'_>, what: &str, ptr: i32, value: u64) -> Result<(), Ended> {
    write(guest, what, ptr, &value.to_le_bytes())
}

pub fn write(guest: &mut Guest<'_>, what: &str, ptr: i32, bytes: &[u8]) -> Result<(), Ended> {
    // The guest's own sizes are 32 bits wide, and what is written here is small.
    let (target, _) = slice(guest, what, ptr, bytes.len() as i32)?;
    target.copy_from_slice(bytes);
    Ok(())
}

/// Entry `index` of a list whose entries have `N` bytes.
pub fn entry<const N: usize>(
    guest: &mut Guest<'_>,
    what: &str,
    list: i32,
    index: u32,
) -> Result<[u8; N], Ended> {
    let outside = || Ended::violation(format!("`{what}` was given a list that reaches beyond its memory"));
    let offset = index.checked_mul(N as u32).and_then(|offset| list.cast_unsigned().checked_add(offset));
    let (source, _) = slice(guest, what, offset.ok_or_else(outside)?.cast_signed(), N as i32)?;
    Ok(std::array::from_fn(|n| source[n]))
}

pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|n| bytes[at + n]))
}

pub fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|n| bytes[at + n]))
}
