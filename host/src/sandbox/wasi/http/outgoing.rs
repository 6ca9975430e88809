//! Requests of the guest's own, as they are put together and sent. A request goes out once its body is whole; for
//! that long the guest waits, and then its answer is there.

use wasmtime::component::{LinkerInstance, Resource, ResourceType};

use super::ErrorCode;
use super::body::OutgoingBody;
use super::calls::{Call, CallId};
use super::exchange::BodyId;
use super::fields::{Fields, own};
use super::incoming::IncomingResponse;
use super::request::{Method, Scheme};
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::wasi::Grant;
use crate::sandbox::wasi::preview2::{Host, Pollable};

/// The name that the log has for it.
pub const HANDLER: &str = "wasi:http/outgoing-handler";

struct OutgoingRequest {
    method: Method,
    scheme: Option<Scheme>,
    authority: Option<String>,
    path: Option<String>,
    fields: Fields,
    body: Option<BodyId>,
}

struct RequestOptions;

struct FutureIncomingResponse {
    call: CallId,
    is_taken: bool,
}

type Handle = Resource<OutgoingRequest>;
type Options = Resource<RequestOptions>;
type Future = Resource<FutureIncomingResponse>;

pub fn link_types(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.resource("outgoing-request", ResourceType::host::<OutgoingRequest>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<OutgoingRequest>(rep)?)
    })?;
    to.func_wrap("[constructor]outgoing-request", |mut host: Host<'_>, (fields,): (Resource<Fields>,)| {
        let resources = &mut host.data_mut().resources;
        let fields = resources.take(fields)?;
        let (method, scheme, authority, path) = (Method::Get, None, None, None);
        Ok((resources.push(OutgoingRequest { method, scheme, authority, path, fields, body: None })?,))
    })?;
    to.func_wrap("[method]outgoing-request.headers", |mut host: Host<'_>, (request,): (Handle,)| {
        let list = host.data().resources.get(&request)?.fields.list.clone();
        Ok((own(&mut host, list)?,))
    })?;
    to.func_wrap("[method]outgoing-request.body", |mut host: Host<'_>, (request,): (Handle,)| {
        let state = host.data_mut();
        if state.resources.get(&request)?.body.is_some() {
            return Ok((Err(()),));
        }
        let body = state.http.new_body()?;
        state.resources.get_mut(&request)?.body = Some(body);
        Ok((Ok(state.resources.push(OutgoingBody::new(body))?),))
    })?;
    link_parts(to)?;
    link_options(to)?;
    link_future(to)
}

/// What is wrong with a part is told when the request is sent.
fn link_parts(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    type Set = Result<(), ()>;
    to.func_wrap("[method]outgoing-request.method", |host: Host<'_>, (request,): (Handle,)| {
        Ok((host.data().resources.get(&request)?.method.clone(),))
    })?;
    to.func_wrap(
        "[method]outgoing-request.set-method",
        |mut host: Host<'_>, (request, method): (Handle, Method)| {
            host.data_mut().resources.get_mut(&request)?.method = method;
            Ok((Ok(()) as Set,))
        },
    )?;
    to.func_wrap("[method]outgoing-request.scheme", |host: Host<'_>, (request,): (Handle,)| {
        Ok((host.data().resources.get(&request)?.scheme.clone(),))
    })?;
    to.func_wrap(
        "[method]outgoing-request.set-scheme",
        |mut host: Host<'_>, (request, scheme): (Handle, Option<Scheme>)| {
            host.data_mut().resources.get_mut(&request)?.scheme = scheme;
            Ok((Ok(()) as Set,))
        },
    )?;
    to.func_wrap("[method]outgoing-request.authority", |host: Host<'_>, (request,): (Handle,)| {
        Ok((host.data().resources.get(&request)?.authority.clone(),))
    })?;
    to.func_wrap(
        "[method]outgoing-request.set-authority",
        |mut host: Host<'_>, (request, authority): (Handle, Option<String>)| {
            host.data_mut().resources.get_mut(&request)?.authority = authority;
            Ok((Ok(()) as Set,))
        },
    )?;
    to.func_wrap("[method]outgoing-request.path-with-query", |host: Host<'_>, (request,): (Handle,)| {
        Ok((host.data().resources.get(&request)?.path.clone(),))
    })?;
    to.func_wrap(
        "[method]outgoing-request.set-path-with-query",
        |mut host: Host<'_>, (request, path): (Handle, Option<String>)| {
            host.data_mut().resources.get_mut(&request)?.path = path;
            Ok((Ok(()) as Set,))
        },
    )
}

/// Times of the guest's own are not held: the host's bounds are.
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

fn link_future(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.resource(
        "future-incoming-response",
        ResourceType::host::<FutureIncomingResponse>(),
        |mut host, rep| Ok(host.data_mut().resources.drop::<FutureIncomingResponse>(rep)?),
    )?;
    to.func_wrap(
        "[method]future-incoming-response.subscribe",
        |mut host: Host<'_>, (future,): (Future,)| {
            let state = host.data_mut();
            let call = state.resources.get(&future)?.call;
            Ok((state.resources.push(Pollable::Answer(call))?,))
        },
    )?;
    type Got = Option<Result<Result<Resource<IncomingResponse>, ErrorCode>, ()>>;
    to.func_wrap("[method]future-incoming-response.get", |mut host: Host<'_>, (future,): (Future,)| {
        let state = host.data_mut();
        let FutureIncomingResponse { call, is_taken } = state.resources.get_mut(&future)?;
        if *is_taken {
            return Ok((Some(Err(())) as Got,));
        }
        let Some(answer) = state.http.calls.take_answer(*call) else { return Ok((None,)) };
        *is_taken = true;
        Ok((Some(Ok(match answer {
            Ok(response) => Ok(state.resources.push(IncomingResponse::new(response))?),
            Err(failure) => Err(ErrorCode::of(failure.code)),
        })),))
    })
}

pub fn link_handler(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    type Handled = Result<Future, ErrorCode>;
    to.func_wrap("handle", |mut host: Host<'_>, (request, options): (Handle, Option<Options>)| {
        let state = host.data_mut();
        let request = state.resources.take(request)?;
        options.map(|options| state.resources.take(options)).transpose()?;
        if state.grants.http.is_empty() {
            state.deny(Grant::Http, HANDLER)?;
            return Ok((Err(ErrorCode::HttpRequestDenied) as Handled,));
        }
        let call = state.begin_call(call_of(request))?;
        Ok((Ok(state.resources.push(FutureIncomingResponse { call, is_taken: false })?),))
    })
}

fn call_of(request: OutgoingRequest) -> Call {
    let OutgoingRequest { method, scheme, authority, path, fields, body } = request;
    let scheme = match scheme {
        Some(Scheme::Http) => "http".to_owned(),
        Some(Scheme::Https) | None => "https".to_owned(),
        Some(Scheme::Other(scheme)) => scheme,
    };
    let (authority, path) = (authority.unwrap_or_default(), path.unwrap_or_default());
    Call {
        method: method.into_text(),
        url: format!("{scheme}://{authority}{path}"),
        fields: fields.list,
        body,
    }
}
