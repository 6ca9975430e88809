//! Requests and answers as the ABI has them: a line of JSON, and the body behind it.

use serde::{Deserialize, Serialize};

use super::{Error, Request, Response};
use crate::abi;

#[derive(Serialize, Deserialize)]
struct RequestHead {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum AnswerHead {
    Response { status: u16, headers: Vec<(String, String)> },
    Failure { error: String, message: String, retry: bool },
}

pub(super) fn send(request: &Request) -> Result<Response, Error> {
    answer_of(abi::http(&request_bytes(request)))
}

fn request_bytes(request: &Request) -> Vec<u8> {
    let Request { method, url, headers, body } = request;
    let head = RequestHead { method: method.clone(), url: url.clone(), headers: headers.clone() };
    line_and_body(&head, body)
}

fn answer_of(mut bytes: Vec<u8>) -> Result<Response, Error> {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let head = serde_json::from_slice(&bytes[..end]).expect("the host answers as the ABI says");
    match head {
        AnswerHead::Response { status, headers } => {
            bytes.drain(..(end + 1).min(bytes.len()));
            Ok(Response { status, headers, body: bytes })
        }
        AnswerHead::Failure { error: code, message, retry: true } => Err(Error::Retry { code, message }),
        AnswerHead::Failure { error: code, message, retry: false } => Err(Error::Permanent { code, message }),
    }
}

/// For the stand-in: what the handler sent.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn request_of(bytes: &[u8]) -> Request {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let RequestHead { method, url, headers } =
        serde_json::from_slice(&bytes[..end]).expect("written by `request_bytes`");
    let body = bytes.get(end + 1..).unwrap_or_default().to_vec();
    Request { method, url, headers, body }
}

/// For the stand-in: an answer as the host hands it over.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn answer_bytes(answer: &Result<Response, Error>) -> Vec<u8> {
    let failure = |code: &String, message: &String, retry| AnswerHead::Failure {
        error: code.clone(),
        message: message.clone(),
        retry,
    };
    match answer {
        Ok(Response { status, headers, body }) => {
            line_and_body(&AnswerHead::Response { status: *status, headers: headers.clone() }, body)
        }
        Err(Error::Retry { code, message }) => line_and_body(&failure(code, message, true), &[]),
        Err(Error::Permanent { code, message }) => line_and_body(&failure(code, message, false), &[]),
    }
}

fn line_and_body(head: &impl Serialize, body: &[u8]) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(head).expect("texts and numbers are JSON");
    bytes.push(b'\n');
    bytes.extend_from_slice(body);
    bytes
}
