//! Responses that came to the guest's own requests: whole, since the host waited for them.

use wasmtime::component::{LinkerInstance, Resource, ResourceType};

use super::body::IncomingBody;
use super::fields::Fields;
use crate::event::HttpResponse;
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::toll::pay;
use crate::sandbox::wasi::preview2::Host;

pub struct IncomingResponse {
    response: HttpResponse,
    is_consumed: bool,
}

impl IncomingResponse {
    pub fn new(response: HttpResponse) -> Self {
        IncomingResponse { response, is_consumed: false }
    }
}

type Handle = Resource<IncomingResponse>;

pub fn link(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.resource("incoming-response", ResourceType::host::<IncomingResponse>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<IncomingResponse>(rep)?)
    })?;
    to.func_wrap("[method]incoming-response.status", |host: Host<'_>, (response,): (Handle,)| {
        Ok((host.data().resources.get(&response)?.response.status,))
    })?;
    to.func_wrap("[method]incoming-response.headers", |mut host: Host<'_>, (response,): (Handle,)| {
        let headers = host.data().resources.get(&response)?.response.headers.iter();
        let list: Vec<_> = headers.map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
        pay(&mut host, list.iter().map(|(name, value)| (name.len() + value.len()) as u64).sum())?;
        let state = host.data_mut();
        state.hold_fields(&list)?;
        Ok((state.resources.push(Fields { list, is_immutable: true })?,))
    })?;
    to.func_wrap("[method]incoming-response.consume", |mut host: Host<'_>, (response,): (Handle,)| {
        let resources = &mut host.data_mut().resources;
        let response = resources.get_mut(&response)?;
        if std::mem::replace(&mut response.is_consumed, true) {
            return Ok((Err(()),));
        }
        let body = std::mem::take(&mut response.response.body);
        Ok((Ok(resources.push(IncomingBody::Answer(Some(body)))?),))
    })
}
