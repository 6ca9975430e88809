//! `wasi:clocks`: the attempt's own time.

use wasmtime::component::{ComponentType, Lift, LinkerInstance, Lower};

use super::{Host, Pollable};
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::wasi::RESOLUTION_NS;

#[derive(ComponentType, Lift, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

pub fn monotonic(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.func_wrap("now", |host: Host<'_>, ()| Ok((host.data().monotonic_ns(),)))?;
    to.func_wrap("resolution", |_: Host<'_>, ()| Ok((RESOLUTION_NS,)))?;
    to.func_wrap("subscribe-instant", |mut host: Host<'_>, (at_ns,): (u64,)| {
        Ok((host.data_mut().resources.push(Pollable::Moment { at_ns })?,))
    })?;
    to.func_wrap("subscribe-duration", |mut host: Host<'_>, (duration_ns,): (u64,)| {
        let at_ns = host.data().monotonic_ns().saturating_add(duration_ns);
        Ok((host.data_mut().resources.push(Pollable::Moment { at_ns })?,))
    })
}

pub fn wall(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.func_wrap("now", |host: Host<'_>, ()| {
        let now = host.data().wall_clock();
        Ok((Datetime { seconds: now.as_secs(), nanoseconds: now.subsec_nanos() },))
    })?;
    to.func_wrap("resolution", |_: Host<'_>, ()| {
        Ok((Datetime { seconds: 0, nanoseconds: RESOLUTION_NS as u32 },))
    })
}
