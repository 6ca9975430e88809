//! `wasi:http`: one request that is the event, and one response that is the answer; and requests of the guest's
//! own, as far as they are granted. Bodies and fields lie in memory, within the attempt's limits.

mod body;
mod calls;
mod error_code;
mod exchange;
mod fields;
mod incoming;
mod outgoing;
mod request;
mod response;

use wasmtime::component::LinkerInstance;

use crate::sandbox::attempt_state::AttemptState;

pub use calls::CallId;
pub use error_code::ErrorCode;
pub use exchange::{BodyId, Exchange, Reply};
pub use request::IncomingRequest;
pub use response::ResponseOutparam;

/// Links the interface that a component imports as `name`; `false` when there is no such interface.
pub fn link(name: &str, to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<bool> {
    let Some((interface, version)) = name.split_once('@') else { return Ok(false) };
    if !version.starts_with("0.2.") {
        return Ok(false);
    }
    match interface {
        "wasi:http/types" => {
            fields::link(to)?;
            request::link(to)?;
            body::link(to)?;
            response::link(to)?;
            outgoing::link_types(to)?;
            incoming::link(to)?;
            error_code::link(to)?;
        }
        "wasi:http/outgoing-handler" => outgoing::link_handler(to)?,
        _ => return Ok(false),
    }
    Ok(true)
}
