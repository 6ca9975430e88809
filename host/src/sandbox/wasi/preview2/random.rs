//! `wasi:random`: the event's own stream, in all its forms.

use wasmtime::component::LinkerInstance;

use super::Host;
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::toll::pay_for_room;

pub fn random(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.func_wrap("get-random-bytes", |host: Host<'_>, (len,): (u64,)| bytes(host, len))?;
    to.func_wrap("get-random-u64", |mut host: Host<'_>, ()| Ok((number(&mut host),)))
}

pub fn insecure(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.func_wrap("get-insecure-random-bytes", |host: Host<'_>, (len,): (u64,)| bytes(host, len))?;
    to.func_wrap("get-insecure-random-u64", |mut host: Host<'_>, ()| Ok((number(&mut host),)))
}

pub fn insecure_seed(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.func_wrap("insecure-seed", |mut host: Host<'_>, ()| Ok(((number(&mut host), number(&mut host)),)))
}

fn bytes(mut host: Host<'_>, len: u64) -> wasmtime::Result<(Vec<u8>,)> {
    let mut bytes = vec![0; pay_for_room(&mut host, len)?];
    host.data_mut().fill_random(&mut bytes);
    Ok((bytes,))
}

fn number(host: &mut Host<'_>) -> u64 {
    let mut bytes = [0; 8];
    host.data_mut().fill_random(&mut bytes);
    u64::from_le_bytes(bytes)
}
