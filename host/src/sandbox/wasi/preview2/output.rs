//! Output streams of `wasi:io`: what is written is kept at once, within its limit.

use wasmtime::component::{LinkerInstance, Resource, ResourceType, WasmList};

use super::Host;
use super::io::{InputStream, Pollable, StreamError};
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::toll::{pay, pay_for_room};
use crate::sandbox::wasi::http::BodyId;

/// Where bytes go.
#[derive(Debug, Clone, Copy)]
pub enum OutputStream {
    Stdout,
    Stderr,
    /// Of a response.
    Body(BodyId),
}

type Stream = Resource<OutputStream>;
type Written = wasmtime::Result<(Result<(), StreamError>,)>;

/// What a guest may write at a time: as much as guests usually do.
const PERMITTED_BYTES: u64 = 64 * 1024;

pub fn link(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.resource("output-stream", ResourceType::host::<OutputStream>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<OutputStream>(rep)?)
    })?;
    to.func_wrap("[method]output-stream.check-write", |_: Host<'_>, (_,): (Stream,)| {
        Ok((Ok::<u64, StreamError>(PERMITTED_BYTES),))
    })?;
    for name in ["[method]output-stream.write", "[method]output-stream.blocking-write-and-flush"] {
        to.func_wrap(name, |mut host: Host<'_>, (stream, bytes): (Stream, WasmList<u8>)| -> Written {
            pay(&mut host, bytes.len() as u64)?;
            let bytes = bytes.as_le_slice(&host).to_vec();
            OutputStream::write(&mut host, &stream, &bytes)?;
            Ok((Ok(()),))
        })?;
    }
    for name in ["[method]output-stream.flush", "[method]output-stream.blocking-flush"] {
        to.func_wrap(name, |_: Host<'_>, (_,): (Stream,)| Ok((Ok::<(), StreamError>(()),)))?;
    }
    for name in
        ["[method]output-stream.write-zeroes", "[method]output-stream.blocking-write-zeroes-and-flush"]
    {
        to.func_wrap(name, |mut host: Host<'_>, (stream, len): (Stream, u64)| -> Written {
            let zeroes = vec![0; pay_for_room(&mut host, len)?];
            OutputStream::write(&mut host, &stream, &zeroes)?;
            Ok((Ok(()),))
        })?;
    }
    for name in ["[method]output-stream.splice", "[method]output-stream.blocking-splice"] {
        to.func_wrap(
            name,
            |mut host: Host<'_>, (stream, from, len): (Stream, Resource<InputStream>, u64)| {
                Ok((OutputStream::splice(&mut host, &stream, &from, len)?,))
            },
        )?;
    }
    to.func_wrap("[method]output-stream.subscribe", |mut host: Host<'_>, (_,): (Stream,)| {
        Ok((host.data_mut().resources.push(Pollable::Ready)?,))
    })
}

impl OutputStream {
    /// Keeps the bytes, or ends the attempt where they are too many.
    pub fn write(host: &mut Host<'_>, stream: &Stream, bytes: &[u8]) -> wasmtime::Result<()> {
        let state = host.data_mut();
        match *state.resources.get(stream)? {
            OutputStream::Stdout => state.write_stdout(bytes)?,
            OutputStream::Stderr => state.write_stderr(bytes)?,
            OutputStream::Body(body) => state.write_body(body, bytes)?,
        }
        Ok(())
    }
}
