//! `wasi:io`: errors, waiting, and streams. All streams lie in memory, so they are always ready.

use std::collections::VecDeque;

use wasmtime::component::{ComponentType, Lift, LinkerInstance, Lower, Resource, ResourceType};

use super::{Host, OutputStream};
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::toll::pay;
use crate::sandbox::trap::Ended;
use crate::sandbox::wasi::http::CallId;

type To<'a, 'b> = &'a mut LinkerInstance<'b, AttemptState>;

/// Why a stream failed. None does here, but the type has its place in others.
pub struct IoError(pub String);

#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
pub enum StreamError {
    #[component(name = "last-operation-failed")]
    LastOperationFailed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

pub fn error(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.resource("error", ResourceType::host::<IoError>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<IoError>(rep)?)
    })?;
    to.func_wrap("[method]error.to-debug-string", |host: Host<'_>, (error,): (Resource<IoError>,)| {
        Ok((host.data().resources.get(&error)?.0.clone(),))
    })
}

/// What a guest can wait for.
#[derive(Clone, Copy)]
pub enum Pollable {
    Ready,
    /// On the monotonic clock.
    Moment {
        at_ns: u64,
    },
    /// The answer to a request, which is there once its body is finished.
    Answer(CallId),
}

/// Of what no time brings about.
const NEVER: u64 = u64::MAX;

impl AttemptState {
    /// The moment that something is ready at, from now on.
    fn ready_at_ns(&self, pollable: &Resource<Pollable>) -> Result<u64, Ended> {
        Ok(match *self.resources.get(pollable)? {
            Pollable::Ready => 0,
            Pollable::Moment { at_ns } => at_ns,
            Pollable::Answer(call) if self.http.calls.is_waiting(call) => NEVER,
            Pollable::Answer(_) => 0,
        })
    }
}

pub fn poll(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.resource("pollable", ResourceType::host::<Pollable>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<Pollable>(rep)?)
    })?;
    to.func_wrap("[method]pollable.ready", |host: Host<'_>, (pollable,): (Resource<Pollable>,)| {
        let state = host.data();
        Ok((state.ready_at_ns(&pollable)? <= state.monotonic_ns(),))
    })?;
    to.func_wrap("[method]pollable.block", |mut host: Host<'_>, (pollable,): (Resource<Pollable>,)| {
        wait_for_first(host.data_mut(), &[pollable]).map(drop)
    })?;
    to.func_wrap("poll", |mut host: Host<'_>, (pollables,): (Vec<Resource<Pollable>>,)| {
        Ok((wait_for_first(host.data_mut(), &pollables)?,))
    })
}

/// Moves the clock on to the first that will be ready; gives the places of all that are.
fn wait_for_first(state: &mut AttemptState, pollables: &[Resource<Pollable>]) -> wasmtime::Result<Vec<u32>> {
    let moments = |state: &AttemptState| {
        pollables.iter().map(|one| state.ready_at_ns(one)).collect::<Result<Vec<u64>, Ended>>()
    };
    let mut when = moments(state)?;
    let waits_for_itself = |pollable: &Resource<Pollable>| matches!(state.resources.get(pollable), Ok(Pollable::Answer(call)) if state.http.calls.is_waiting(*call));
    if !pollables.is_empty() && pollables.iter().all(waits_for_itself) {
        state.http.calls.give_up();
        when = moments(state)?;
    }
    let Some(first) = when.iter().min() else {
        return Err(Ended::violation("`poll` was given an empty list").into());
    };
    state.sleep_until(*first)?;
    let now = state.monotonic_ns();
    let ready = (0..).zip(&when).filter(|(_, moment)| **moment <= now);
    Ok(ready.map(|(place, _)| place).collect())
}

/// Where bytes come from.
pub enum InputStream {
    /// The event, as standard input or as the body of a request.
    Stdin,
    /// The body of an answer, as far as it is not read.
    Bytes(VecDeque<u8>),
}

pub fn streams(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.resource("input-stream", ResourceType::host::<InputStream>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<InputStream>(rep)?)
    })?;
    for name in ["[method]input-stream.read", "[method]input-stream.blocking-read"] {
        to.func_wrap(name, |mut host: Host<'_>, (stream, len): (Resource<InputStream>, u64)| {
            Ok((read(&mut host, &stream, len)?,))
        })?;
    }
    for name in ["[method]input-stream.skip", "[method]input-stream.blocking-skip"] {
        to.func_wrap(name, |mut host: Host<'_>, (stream, len): (Resource<InputStream>, u64)| {
            Ok((read(&mut host, &stream, len)?.map(|skipped| skipped.len() as u64),))
        })?;
    }
    to.func_wrap("[method]input-stream.subscribe", |mut host: Host<'_>, (_,): (Resource<InputStream>,)| {
        Ok((host.data_mut().resources.push(Pollable::Ready)?,))
    })?;
    super::output::link(to)
}

/// Up to `len` more bytes; `Closed` at the end.
pub fn read(
    host: &mut Host<'_>,
    stream: &Resource<InputStream>,
    len: u64,
) -> wasmtime::Result<Result<Vec<u8>, StreamError>> {
    let state = host.data_mut();
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let is_event_read = state.stdin_left() == 0;
    let bytes = match state.resources.get_mut(stream)? {
        InputStream::Stdin if is_event_read => return Ok(Err(StreamError::Closed)),
        InputStream::Stdin => state.read_stdin(len).to_vec(),
        InputStream::Bytes(left) if left.is_empty() => return Ok(Err(StreamError::Closed)),
        InputStream::Bytes(left) => left.drain(..len.min(left.len())).collect(),
    };
    pay(host, bytes.len() as u64)?;
    Ok(Ok(bytes))
}

impl OutputStream {
    /// As `splice` of streams: moves up to `len` bytes.
    pub fn splice(
        host: &mut Host<'_>,
        to: &Resource<OutputStream>,
        from: &Resource<InputStream>,
        len: u64,
    ) -> wasmtime::Result<Result<u64, StreamError>> {
        match read(host, from, len)? {
            Ok(bytes) => {
                OutputStream::write(host, to, &bytes)?;
                Ok(Ok(bytes.len() as u64))
            }
            Err(closed) => Ok(Err(closed)),
        }
    }
}
