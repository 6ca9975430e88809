//! The request that comes in: a POST of the event, as CloudEvents' HTTP binding has it in structured mode.

use wasmtime::component::{ComponentType, Lift, LinkerInstance, Lower, Resource, ResourceType};

use super::body::IncomingBody;
use super::exchange::FieldList;
use super::fields::Fields;
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::wasi::preview2::Host;

/// The event is its body.
pub struct IncomingRequest {
    is_consumed: bool,
}

#[derive(ComponentType, Lift, Lower, Clone)]
#[component(variant)]
#[allow(dead_code, reason = "the type must have all of its cases")]
#[rustfmt::skip]
pub enum Method {
    #[component(name = "get")] Get,
    #[component(name = "head")] Head,
    #[component(name = "post")] Post,
    #[component(name = "put")] Put,
    #[component(name = "delete")] Delete,
    #[component(name = "connect")] Connect,
    #[component(name = "options")] Options,
    #[component(name = "trace")] Trace,
    #[component(name = "patch")] Patch,
    #[component(name = "other")] Other(String),
}

#[derive(ComponentType, Lift, Lower, Clone)]
#[component(variant)]
#[allow(dead_code, reason = "the type must have all of its cases")]
#[rustfmt::skip]
pub enum Scheme {
    #[component(name = "HTTP")] Http,
    #[component(name = "HTTPS")] Https,
    #[component(name = "other")] Other(String),
}

impl Method {
    pub fn into_text(self) -> String {
        match self {
            Method::Get => "GET".into(),
            Method::Head => "HEAD".into(),
            Method::Post => "POST".into(),
            Method::Put => "PUT".into(),
            Method::Delete => "DELETE".into(),
            Method::Connect => "CONNECT".into(),
            Method::Options => "OPTIONS".into(),
            Method::Trace => "TRACE".into(),
            Method::Patch => "PATCH".into(),
            Method::Other(method) => method,
        }
    }
}

/// Whom the request seems to be for. No handler has an address.
const AUTHORITY: &str = "handler.invalid";

impl IncomingRequest {
    pub fn new() -> Self {
        IncomingRequest { is_consumed: false }
    }
}

fn fields_of(state: &AttemptState) -> FieldList {
    let field = |name: &str, value: String| (name.to_owned(), value.into_bytes());
    vec![
        field("host", AUTHORITY.into()),
        field("content-type", "application/cloudevents+json; charset=utf-8".into()),
        field("content-length", state.event.len().to_string()),
    ]
}

type Handle = Resource<IncomingRequest>;

pub fn link(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.resource("incoming-request", ResourceType::host::<IncomingRequest>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<IncomingRequest>(rep)?)
    })?;
    to.func_wrap("[method]incoming-request.method", |_: Host<'_>, (_,): (Handle,)| Ok((Method::Post,)))?;
    to.func_wrap("[method]incoming-request.path-with-query", |_: Host<'_>, (_,): (Handle,)| {
        Ok((Some("/"),))
    })?;
    to.func_wrap("[method]incoming-request.scheme", |_: Host<'_>, (_,): (Handle,)| {
        Ok((Some(Scheme::Http),))
    })?;
    to.func_wrap("[method]incoming-request.authority", |_: Host<'_>, (_,): (Handle,)| {
        Ok((Some(AUTHORITY),))
    })?;
    to.func_wrap("[method]incoming-request.headers", |mut host: Host<'_>, (_,): (Handle,)| {
        let state = host.data_mut();
        let list = fields_of(state);
        state.hold_fields(&list)?;
        Ok((state.resources.push(Fields { list, is_immutable: true })?,))
    })?;
    to.func_wrap("[method]incoming-request.consume", |mut host: Host<'_>, (request,): (Handle,)| {
        let resources = &mut host.data_mut().resources;
        let was_consumed = std::mem::replace(&mut resources.get_mut(&request)?.is_consumed, true);
        Ok((if was_consumed { Err(()) } else { Ok(resources.push(IncomingBody::Event)?) },))
    })
}
