//! The response, and the one place where it is handed over.

use wasmtime::component::{LinkerInstance, Resource, ResourceType};

use super::ErrorCode;
use super::body::OutgoingBody;
use super::exchange::{BodyId, Reply};
use super::fields::{Fields, own};
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::trap::Ended;
use crate::sandbox::wasi::preview2::Host;

pub struct ResponseOutparam;

struct OutgoingResponse {
    status: u16,
    fields: Fields,
    body: Option<BodyId>,
}

type Handle = Resource<OutgoingResponse>;

pub fn link(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.resource("outgoing-response", ResourceType::host::<OutgoingResponse>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<OutgoingResponse>(rep)?)
    })?;
    to.func_wrap("[constructor]outgoing-response", |mut host: Host<'_>, (fields,): (Resource<Fields>,)| {
        let resources = &mut host.data_mut().resources;
        let fields = resources.take(fields)?;
        Ok((resources.push(OutgoingResponse { status: 200, fields, body: None })?,))
    })?;
    to.func_wrap("[method]outgoing-response.status-code", |host: Host<'_>, (response,): (Handle,)| {
        Ok((host.data().resources.get(&response)?.status,))
    })?;
    to.func_wrap(
        "[method]outgoing-response.set-status-code",
        |mut host: Host<'_>, (response, status): (Handle, u16)| {
            let is_status = (100..=999).contains(&status);
            if is_status {
                host.data_mut().resources.get_mut(&response)?.status = status;
            }
            Ok((is_status.then_some(()).ok_or(()),))
        },
    )?;
    to.func_wrap("[method]outgoing-response.headers", |mut host: Host<'_>, (response,): (Handle,)| {
        let list = host.data().resources.get(&response)?.fields.list.clone();
        Ok((own(&mut host, list)?,))
    })?;
    to.func_wrap("[method]outgoing-response.body", |mut host: Host<'_>, (response,): (Handle,)| {
        let state = host.data_mut();
        let response = state.resources.get_mut(&response)?;
        if response.body.is_some() {
            return Ok((Err(()),));
        }
        let body = state.http.new_body()?;
        response.body = Some(body);
        Ok((Ok(state.resources.push(OutgoingBody::new(body))?),))
    })?;
    link_outparam(to)
}

fn link_outparam(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.resource("response-outparam", ResourceType::host::<ResponseOutparam>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<ResponseOutparam>(rep)?)
    })?;
    type Set = (Resource<ResponseOutparam>, Result<Handle, ErrorCode>);
    to.func_wrap("[static]response-outparam.set", |mut host: Host<'_>, (outparam, response): Set| {
        let state = host.data_mut();
        state.resources.take(outparam)?;
        let reply = match response {
            Ok(response) => {
                let OutgoingResponse { status, fields, body } = state.resources.take(response)?;
                Reply::Response { status, fields: fields.list, body }
            }
            Err(error) => Reply::Error(error),
        };
        match state.http.reply.replace(reply) {
            None => Ok(()),
            Some(_) => Err(Ended::violation("it set two responses").into()),
        }
    })
}
