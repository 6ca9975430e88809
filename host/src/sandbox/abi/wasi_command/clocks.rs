//! Clocks, sleeping and waiting.

use wasmtime::Linker;

use super::memory::{entry, u32_at, u64_at, write, write_u32, write_u64};
use super::stdio::is_stream;
use super::{Guest, IMPORTS, errno};
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::wasi::RESOLUTION_NS;

const REALTIME: i32 = 0;
const MONOTONIC: i32 = 1;
/// Clocks of the process and the thread come last.
const CLOCK_LAST: i32 = 3;

pub fn link(linker: &mut Linker<AttemptState>) -> wasmtime::Result<()> {
    linker
        .func_wrap(IMPORTS, "clock_res_get", clock_res_get)?
        .func_wrap(IMPORTS, "clock_time_get", clock_time_get)?
        .func_wrap(IMPORTS, "poll_oneoff", poll_oneoff)?
        .func_wrap(IMPORTS, "sched_yield", || errno::SUCCESS)?;
    Ok(())
}

fn clock_res_get(mut guest: Guest<'_>, clock: i32, resolution: i32) -> wasmtime::Result<i32> {
    if !(REALTIME..=CLOCK_LAST).contains(&clock) {
        return Ok(errno::INVAL);
    }
    write_u64(&mut guest, "clock_res_get", resolution, RESOLUTION_NS)?;
    Ok(errno::SUCCESS)
}

fn clock_time_get(mut guest: Guest<'_>, clock: i32, _precision: i64, time: i32) -> wasmtime::Result<i32> {
    if !(REALTIME..=CLOCK_LAST).contains(&clock) {
        return Ok(errno::INVAL);
    }
    let now = now_ns(guest.data(), clock);
    write_u64(&mut guest, "clock_time_get", time, now)?;
    Ok(errno::SUCCESS)
}

fn now_ns(state: &AttemptState, clock: i32) -> u64 {
    match clock {
        REALTIME => u64::try_from(state.wall_clock().as_nanos()).unwrap_or(u64::MAX),
        _ => state.monotonic_ns(),
    }
}

/// What a program waits for.
enum Awaited {
    /// A moment, on the monotonic clock.
    Moment(u64),
    /// One of the streams, which are always ready.
    Stream {
        fd: i32,
        is_read: bool,
    },
    Unknown,
}

struct Subscription {
    user_data: u64,
    kind: u8,
    awaited: Awaited,
}

const SUBSCRIPTION_BYTES: usize = 48;
const EVENT_BYTES: usize = 32;

/// Streams are ready at once; where only moments are waited for, the clock moves on to the first of them.
fn poll_oneoff(
    mut guest: Guest<'_>,
    subscriptions: i32,
    events: i32,
    count: i32,
    happened: i32,
) -> wasmtime::Result<i32> {
    const WHAT: &str = "poll_oneoff";
    if count == 0 {
        return Ok(errno::INVAL);
    }
    let begin = guest.data().monotonic_ns();
    let mut first_moment = u64::MAX;
    let mut is_ready = false;
    for index in 0..count.cast_unsigned() {
        match subscription(&mut guest, begin, subscriptions, index)?.awaited {
            Awaited::Moment(moment) => first_moment = first_moment.min(moment),
            Awaited::Stream { .. } | Awaited::Unknown => is_ready = true,
        }
    }
    if !is_ready {
        guest.data_mut().sleep_until(first_moment)?;
    }
    let now = guest.data().monotonic_ns();
    let mut total = 0;
    for index in 0..count.cast_unsigned() {
        // Read anew, not kept: the list is as long as the guest says.
        let subscription = subscription(&mut guest, begin, subscriptions, index)?;
        if matches!(subscription.awaited, Awaited::Moment(moment) if moment > now) {
            continue;
        }
        let event = event(&subscription, guest.data());
        let place = events.wrapping_add_unsigned(total * EVENT_BYTES as u32);
        write(&mut guest, WHAT, place, &event)?;
        total += 1;
    }
    write_u32(&mut guest, WHAT, happened, total)?;
    Ok(errno::SUCCESS)
}

/// Entry `index` of the list; what counts from now counts from `begin_ns`.
fn subscription(
    guest: &mut Guest<'_>,
    begin_ns: u64,
    list: i32,
    index: u32,
) -> wasmtime::Result<Subscription> {
    let bytes: [u8; SUBSCRIPTION_BYTES] = entry(guest, "poll_oneoff", list, index)?;
    let kind = bytes[8];
    let awaited = match kind {
        0 => moment(guest.data(), begin_ns, &bytes),
        1 | 2 => Awaited::Stream { fd: u32_at(&bytes, 16).cast_signed(), is_read: kind == 1 },
        _ => Awaited::Unknown,
    };
    Ok(Subscription { user_data: u64_at(&bytes, 0), kind, awaited })
}

fn moment(state: &AttemptState, begin_ns: u64, bytes: &[u8]) -> Awaited {
    let (clock, timeout) = (u32_at(bytes, 16).cast_signed(), u64_at(bytes, 24));
    let is_absolute = bytes[40] & 1 != 0;
    match (clock, is_absolute) {
        (REALTIME | MONOTONIC, false) => Awaited::Moment(begin_ns.saturating_add(timeout)),
        (MONOTONIC, true) => Awaited::Moment(timeout),
        (REALTIME, true) => {
            let ahead = timeout.saturating_sub(now_ns(state, REALTIME));
            Awaited::Moment(state.monotonic_ns().saturating_add(ahead))
        }
        _ => Awaited::Unknown,
    }
}

fn event(subscription: &Subscription, state: &AttemptState) -> [u8; EVENT_BYTES] {
    let (error, ready_bytes) = match subscription.awaited {
        Awaited::Moment(_) => (errno::SUCCESS, 0),
        Awaited::Stream { fd, .. } if !is_stream(fd) => (errno::BADF, 0),
        Awaited::Stream { is_read: true, .. } => (errno::SUCCESS, state.stdin_left() as u64),
        Awaited::Stream { is_read: false, .. } => (errno::SUCCESS, state.limits.output_bytes_max),
        Awaited::Unknown => (errno::INVAL, 0),
    };
    let mut bytes = [0; EVENT_BYTES];
    bytes[..8].copy_from_slice(&subscription.user_data.to_le_bytes());
    bytes[8] = error as u8;
    bytes[10] = subscription.kind;
    bytes[16..24].copy_from_slice(&ready_bytes.to_le_bytes());
    bytes
}
