//! Requests of the guest's own. They can be put together, since languages do so on their way, and are denied.

use wasmtime::component::{LinkerInstance, Resource, ResourceType};

use super::ErrorCode;
use super::body::OutgoingBody;
use super::fields::{Fields, own};
use super::request::{Method, Scheme};
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::wasi::Grant;
use crate::sandbox::wasi::preview2::Host;

struct OutgoingRequest {
    fields: Fields,
    has_body: bool,
}

struct RequestOptions;

/// Never had.
enum IncomingResponse {}
enum FutureIncomingResponse {}

type Handle = Resource<OutgoingRequest>;
type Options = Resource<RequestOptions>;

pub fn link_types(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.resource("incoming-response", ResourceType::host::<IncomingResponse>(), |_, _| Ok(()))?;
    to.resource("future-incoming-response", ResourceType::host::<FutureIncomingResponse>(), |_, _| Ok(()))?;
    to.resource("outgoing-request", ResourceType::host::<OutgoingRequest>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<OutgoingRequest>(rep)?)
    })?;
    to.func_wrap("[constructor]outgoing-request", |mut host: Host<'_>, (fields,): (Resource<Fields>,)| {
        let resources = &mut host.data_mut().resources;
        let fields = resources.take(fields)?;
        Ok((resources.push(OutgoingRequest { fields, has_body: false })?,))
    })?;
    to.func_wrap("[method]outgoing-request.headers", |mut host: Host<'_>, (request,): (Handle,)| {
        let list = host.data().resources.get(&request)?.fields.list.clone();
        Ok((own(&mut host, list)?,))
    })?;
    to.func_wrap("[method]outgoing-request.body", |mut host: Host<'_>, (request,): (Handle,)| {
        let state = host.data_mut();
        if std::mem::replace(&mut state.resources.get_mut(&request)?.has_body, true) {
            return Ok((Err(()),));
        }
        let body = OutgoingBody::new(state.http.new_body()?);
        Ok((Ok(state.resources.push(body)?),))
    })?;
    type Set = Result<(), ()>;
    to.func_wrap("[method]outgoing-request.set-method", |_: Host<'_>, (_, _): (Handle, Method)| {
        Ok((Ok(()) as Set,))
    })?;
    to.func_wrap("[method]outgoing-request.set-scheme", |_: Host<'_>, (_, _): (Handle, Option<Scheme>)| {
        Ok((Ok(()) as Set,))
    })?;
    for name in ["[method]outgoing-request.set-path-with-query", "[method]outgoing-request.set-authority"] {
        to.func_wrap(name, |_: Host<'_>, (_, _): (Handle, Option<String>)| Ok((Ok(()) as Set,)))?;
    }
    link_options(to)
}

fn link_options(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.resource("request-options", ResourceType::host::<RequestOptions>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<RequestOptions>(rep)?)
    })?;
    to.func_wrap("[constructor]request-options", |mut host: Host<'_>, ()| {
        Ok((host.data_mut().resources.push(RequestOptions)?,))
    })?;
    for name in ["connect-timeout", "first-byte-timeout", "between-bytes-timeout"] {
        let set = format!("[method]request-options.set-{name}");
        to.func_wrap(&set, |_: Host<'_>, (_, _): (Options, Option<u64>)| Ok((Ok::<(), ()>(()),)))?;
        let get = format!("[method]request-options.{name}");
        to.func_wrap(&get, |_: Host<'_>, (_,): (Options,)| Ok((None::<u64>,)))?;
    }
    Ok(())
}

pub fn link_handler(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    type Handled = Result<Resource<FutureIncomingResponse>, ErrorCode>;
    to.func_wrap("handle", |mut host: Host<'_>, (request, options): (Handle, Option<Options>)| {
        let state = host.data_mut();
        state.resources.take(request)?;
        options.map(|options| state.resources.take(options)).transpose()?;
        state.deny(Grant::Http, "wasi:http/outgoing-handler")?;
        Ok((Err(ErrorCode::HttpRequestDenied) as Handled,))
    })
}
