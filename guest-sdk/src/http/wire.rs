//! Requests and answers as the ABI has them: a line of JSON, and the body behind it.

use serde_json::{Value, json};

use super::{Error, Request, Response};
use crate::abi;

pub(super) fn send(request: &Request) -> Result<Response, Error> {
    answer_of(abi::http(&request_bytes(request)))
}

fn request_bytes(request: &Request) -> Vec<u8> {
    let Request { method, url, headers, body } = request;
    line_and_body(&json!({ "method": method, "url": url, "headers": headers }), body)
}

fn answer_of(mut bytes: Vec<u8>) -> Result<Response, Error> {
    let mut head = head_of(&bytes);
    let Some(status) = head["status"].as_u64() else {
        let text = |name: &str| head[name].as_str().unwrap_or_default().to_owned();
        let (code, message) = (text("error"), text("message"));
        return Err(match head["retry"] == true {
            true => Error::Retry { code, message },
            false => Error::Permanent { code, message },
        });
    };
    let headers = pairs(head["headers"].take());
    bytes.drain(..body_start(&bytes));
    // A status has three digits.
    Ok(Response { status: status as u16, headers, body: bytes })
}

/// For the stand-in: what the handler sent.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn request_of(bytes: &[u8]) -> Request {
    let mut head = head_of(bytes);
    let text = |name: &str| head[name].as_str().unwrap_or_default().to_owned();
    let (method, url, body) = (text("method"), text("url"), bytes[body_start(bytes)..].to_vec());
    Request { method, url, headers: pairs(head["headers"].take()), body }
}

/// For the stand-in: an answer as the host hands it over.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn answer_bytes(answer: &Result<Response, Error>) -> Vec<u8> {
    match answer {
        Ok(Response { status, headers, body }) => {
            line_and_body(&json!({ "status": status, "headers": headers }), body)
        }
        Err(error) => {
            let retry = matches!(error, Error::Retry { .. });
            line_and_body(&json!({ "error": error.code(), "message": error.message(), "retry": retry }), &[])
        }
    }
}

fn line_and_body(head: &Value, body: &[u8]) -> Vec<u8> {
    let mut bytes = head.to_string().into_bytes();
    bytes.push(b'\n');
    bytes.extend_from_slice(body);
    bytes
}

/// Both sides of it are ours, or the ABI's: what is no JSON is no answer at all.
fn head_of(bytes: &[u8]) -> Value {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    serde_json::from_slice(&bytes[..end]).unwrap_or_default()
}

fn body_start(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1)
}

fn pairs(headers: Value) -> Vec<(String, String)> {
    serde_json::from_value(headers).unwrap_or_default()
}
