//! Bodies: those that come in, the event's among them, which is read like standard input, and those that go out.

use wasmtime::component::{LinkerInstance, Resource, ResourceType};

use super::ErrorCode;
use super::exchange::BodyId;
use super::fields::Fields;
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::wasi::preview2::{Host, InputStream, OutputStream, Pollable};

/// There are none.
struct FutureTrailers;

pub enum IncomingBody {
    Event,
    /// Of an answer, until it is read.
    Answer(Option<Vec<u8>>),
}

pub struct OutgoingBody {
    pub id: BodyId,
    is_taken: bool,
}

impl OutgoingBody {
    pub fn new(id: BodyId) -> Self {
        OutgoingBody { id, is_taken: false }
    }
}

pub fn link(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    link_incoming(to)?;
    link_trailers(to)?;
    to.resource("outgoing-body", ResourceType::host::<OutgoingBody>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<OutgoingBody>(rep)?)
    })?;
    to.func_wrap("[method]outgoing-body.write", |mut host: Host<'_>, (body,): (Resource<OutgoingBody>,)| {
        let resources = &mut host.data_mut().resources;
        let body = resources.get_mut(&body)?;
        let (was_taken, id) = (std::mem::replace(&mut body.is_taken, true), body.id);
        Ok((if was_taken { Err(()) } else { Ok(resources.push(OutputStream::Body(id))?) },))
    })?;
    // Trailers are for those who wait for a connection to end; here they are dropped.
    type Finish = (Resource<OutgoingBody>, Option<Resource<Fields>>);
    to.func_wrap("[static]outgoing-body.finish", |mut host: Host<'_>, (body, trailers): Finish| {
        let state = host.data_mut();
        let body = state.resources.take(body)?;
        trailers.map(|trailers| state.resources.take(trailers)).transpose()?;
        state.finish_body(body.id)?;
        Ok((Ok::<(), ErrorCode>(()),))
    })
}

fn link_incoming(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.resource("incoming-body", ResourceType::host::<IncomingBody>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<IncomingBody>(rep)?)
    })?;
    to.func_wrap(
        "[method]incoming-body.stream",
        |mut host: Host<'_>, (body,): (Resource<IncomingBody>,)| {
            let resources = &mut host.data_mut().resources;
            let stream = match resources.get_mut(&body)? {
                // A second stream goes on where the first one is.
                IncomingBody::Event => InputStream::Stdin,
                IncomingBody::Answer(body) => match body.take() {
                    Some(bytes) => InputStream::Bytes(bytes.into()),
                    None => return Ok((Err(()),)),
                },
            };
            Ok((Ok(resources.push(stream)?),))
        },
    )?;
    to.func_wrap("[static]incoming-body.finish", |mut host: Host<'_>, (body,): (Resource<IncomingBody>,)| {
        let resources = &mut host.data_mut().resources;
        resources.take(body)?;
        Ok((resources.push(FutureTrailers)?,))
    })
}

fn link_trailers(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.resource("future-trailers", ResourceType::host::<FutureTrailers>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<FutureTrailers>(rep)?)
    })?;
    to.func_wrap(
        "[method]future-trailers.subscribe",
        |mut host: Host<'_>, (_,): (Resource<FutureTrailers>,)| {
            Ok((host.data_mut().resources.push(Pollable::Ready)?,))
        },
    )?;
    type Trailers = Option<Result<Result<Option<Resource<Fields>>, ErrorCode>, ()>>;
    to.func_wrap("[method]future-trailers.get", |_: Host<'_>, (_,): (Resource<FutureTrailers>,)| {
        Ok((Some(Ok(Ok(None))) as Trailers,))
    })
}
