//! A handler of HTTP, as `wasmtime serve` and Spin run them: the event is POSTed to it, and the status of its
//! response says what becomes of the event, by the rules of CloudEvents' webhooks.

use std::time::Duration;

use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, Instance, Resource};

use crate::event::Verdict;
use crate::sandbox::attempt_state::{AttemptState, cut};
use crate::sandbox::wasi::http::{IncomingRequest, Reply, ResponseOutparam};
use crate::sandbox::wasi::output_of_bytes;

pub fn call(
    instance: &Instance,
    entry: &ComponentExportIndex,
    store: &mut Store<AttemptState>,
) -> wasmtime::Result<Verdict> {
    type Params = (Resource<IncomingRequest>, Resource<ResponseOutparam>);
    let handle = instance.get_typed_func::<Params, ()>(&mut *store, entry)?;
    let resources = &mut store.data_mut().resources;
    let request = resources.push(IncomingRequest::new())?;
    let outparam = resources.push(ResponseOutparam)?;
    handle.call(&mut *store, (request, outparam))?;
    Ok(verdict_of_reply(store.data_mut()))
}

fn verdict_of_reply(state: &mut AttemptState) -> Verdict {
    let (status, fields, body) = match state.http.reply.take() {
        Some(Reply::Response { status, fields, body }) => (status, fields, body),
        Some(Reply::Error(error)) => {
            return Verdict::Failed { message: cut(&format!("it answered {error:?}")) };
        }
        None => return Verdict::Failed { message: "it set no response".into() },
    };
    let body = body.map(|body| state.http.take_body(body)).unwrap_or_default();
    let retry_after = fields.iter().find(|(name, _)| name == "retry-after");
    let retry_after = retry_after.and_then(|(_, value)| delay_of(std::str::from_utf8(value).ok()?, state));
    let message = message(status, &body);
    match (status, retry_after) {
        (200..=299, _) => Verdict::Ok { output: output_of_bytes(body), emitted: Vec::new() },
        (429 | 503, Some(delay)) => Verdict::RetryAfter { delay, message },
        // "Too many requests" is no word about the event.
        (400..=499, _) if status != 429 => state.unless_refused(Verdict::Permanent { message }),
        _ => state.unless_refused(Verdict::Failed { message }),
    }
}

/// Seconds, or a date, which is compared with the attempt's own clock.
fn delay_of(retry_after: &str, state: &AttemptState) -> Option<Duration> {
    if let Ok(seconds) = retry_after.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(retry_after.trim()).ok()?;
    let since_1970 = Duration::from_millis(u64::try_from(date.timestamp().as_millisecond()).ok()?);
    Some(since_1970.saturating_sub(state.wall_clock()))
}

/// The status, and what the body says about it.
fn message(status: u16, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    match text.trim() {
        "" => format!("it answered with status {status}"),
        said => cut(&format!("{said} (status {status})")),
    }
}
