//! What the host does for a guest is paid for in fuel, and looked at by the clock.

use wasmtime::AsContextMut;

use super::attempt_state::{AttemptState, bound};
use super::trap::Ended;
use crate::event::{LimitExceeded, LimitName};

/// Ranges below this are done with in a microsecond: the time that a function can spend on them before
/// the engine's own check is small.
const TIMED_BYTES_MIN: u64 = 4096;

/// Takes one unit of fuel a byte, as the engine does for `memory.copy`, and looks at the clock. The engine
/// checks neither within a function that has no loops, and a hundred thousand calls of an import in
/// a row, each for all of the memory, take an hour.
pub fn pay(guest: &mut impl AsContextMut<Data = AttemptState>, bytes: u64) -> Result<(), Ended> {
    let mut store = guest.as_context_mut();
    let left = store.get_fuel().unwrap_or(0);
    let paid = store.set_fuel(left.saturating_sub(bytes));
    let state = store.data();
    if bytes > left || paid.is_err() {
        let fuel_max = state.limits.fuel_max;
        return Err(Ended::limit(LimitExceeded { name: LimitName::Fuel, used: fuel_max, max: fuel_max }));
    }
    match bytes < TIMED_BYTES_MIN {
        true => Ok(()),
        false => state.check_time(),
    }
}

/// As [`pay`], for bytes that the guest asks for by a number alone: no more than its memory can hold.
pub fn pay_for_room(guest: &mut impl AsContextMut<Data = AttemptState>, bytes: u64) -> Result<usize, Ended> {
    bound(LimitName::Memory, bytes, guest.as_context_mut().data().limits.memory_bytes_max)?;
    pay(guest, bytes)?;
    Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
}
