//! Requests over the core ABI: a line of JSON and the body behind it, in both directions.

use serde::{Deserialize, Serialize};

use super::{Guest, copy_part};
use crate::event::{HttpFailure, HttpFailureCode, HttpRequest, HttpResponse};
use crate::limits::{HTTP_BODY_BYTES_MAX, HTTP_HEADER_BYTES_MAX, HTTP_URL_BYTES_MAX};
use crate::sandbox::guest_memory::slice;
use crate::sandbox::outbound::Answer;
use crate::sandbox::trap::Ended;

/// Every byte of a text may take six of JSON.
const HEAD_BYTES_MAX: u64 = 6 * (HTTP_HEADER_BYTES_MAX + HTTP_URL_BYTES_MAX) as u64 + 4096;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestHead {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum AnswerHead<'a> {
    Response { status: u16, headers: &'a [(String, String)] },
    Failure { error: &'static str, message: &'a str, retry: bool },
}

/// Sends a request; gives the length of the answer.
pub fn send(mut guest: Guest<'_>, ptr: i32, len: i32) -> wasmtime::Result<i32> {
    let (bytes, state) = slice(&mut guest, "http_send", ptr, len)?;
    let answer = match bytes.len() as u64 > HEAD_BYTES_MAX + HTTP_BODY_BYTES_MAX {
        true => Err(too_large(bytes.len())),
        false => {
            let request = request_of(bytes)?;
            state.send_request("http_send", request)?
        }
    };
    let answer = bytes_of(&answer)?;
    let len = i32::try_from(answer.len())?;
    guest.data_mut().http_answer = answer;
    Ok(len)
}

/// Hands over a part of the last answer.
pub fn read(mut guest: Guest<'_>, dst: i32, offset: i32, len: i32) -> wasmtime::Result<()> {
    let (target, state) = slice(&mut guest, "http_read", dst, len)?;
    Ok(copy_part("http_read", "answer", &state.http_answer, offset, target)?)
}

/// What is too large even to be looked at.
fn too_large(bytes: usize) -> HttpFailure {
    let message = format!("the request has {bytes} bytes, the limit of its body is {HTTP_BODY_BYTES_MAX}");
    HttpFailure::new(HttpFailureCode::RequestTooLarge, message)
}

fn request_of(bytes: &[u8]) -> Result<HttpRequest, Ended> {
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let (head, body) = bytes.split_at(end);
    let RequestHead { method, url, headers } = serde_json::from_slice(head)
        .map_err(|error| Ended::violation(format!("`http_send` of what is no request: {error}")))?;
    Ok(HttpRequest { method, url, headers, body: body.get(1..).unwrap_or_default().to_vec() })
}

fn bytes_of(answer: &Answer) -> serde_json::Result<Vec<u8>> {
    let (head, body): (_, &[u8]) = match answer {
        Ok(HttpResponse { status, headers, body }) => {
            (AnswerHead::Response { status: *status, headers }, body)
        }
        Err(HttpFailure { code, message }) => {
            (AnswerHead::Failure { error: code.as_str(), message, retry: code.may_pass() }, &[])
        }
    };
    let mut bytes = serde_json::to_vec(&head)?;
    bytes.push(b'\n');
    bytes.extend_from_slice(body);
    Ok(bytes)
}
