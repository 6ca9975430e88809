//! A request's headers and body as an event, in each mode of the CloudEvents binding. The input is
//! written as the request would be: lines of `name: value`, an empty line, the body.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use wasm_evq::event::http::{BinaryMessage, Mode};
use wasm_evq::event::{IdPointer, NewEvent, RawLines, parse_event};

use super::event::judged;
use super::{Fate, assert_tells};

const BYTES_MAX: u64 = 64 * 1024;

pub fn http(bytes: &[u8]) -> Fate {
    let (head, body) = split(bytes, b"\n\n").unwrap_or((bytes, b""));
    let headers = head.split(|byte| *byte == b'\n').filter_map(|line| {
        let (name, value) = split(line, b":")?;
        Some((std::str::from_utf8(name).ok()?, value))
    });
    let headers: Vec<(&str, &[u8])> = headers.collect();
    let content_type = headers.iter().find(|(name, _)| *name == "content-type").map(|(_, value)| *value);
    let attributes: Vec<(&str, &[u8])> =
        headers.iter().filter_map(|(name, value)| Some((name.strip_prefix("ce-")?, *value))).collect();
    let as_text = content_type.and_then(|value| std::str::from_utf8(value).ok());
    match Mode::of(as_text, !attributes.is_empty()) {
        Err(unknown) => {
            assert_tells(&unknown.to_string());
            Fate::Refused
        }
        Ok(Mode::Structured | Mode::Batched) => judged(&parse_event(body, BYTES_MAX)),
        Ok(Mode::Bare) => judged(&RawLines::new("t", IdPointer::ContentHash).unwrap().wrap(body, BYTES_MAX)),
        Ok(Mode::Binary) => {
            let read = BinaryMessage { attributes, content_type, body }.into_event(BYTES_MAX);
            if let Ok(event) = &read {
                assert_carries(event, body);
            }
            judged(&read)
        }
    }
}

/// The body comes out of the event as it went in, in whichever of its forms.
fn assert_carries(event: &NewEvent, body: &[u8]) {
    let Ok(value) = serde_json::from_str::<Value>(event.json()) else { return };
    match (&value["data_base64"], &value["data"]) {
        (Value::String(base64), Value::Null) => assert_eq!(BASE64_STANDARD.decode(base64).unwrap(), body),
        (Value::Null, Value::String(text)) if text.as_bytes() == body => {}
        (Value::Null, data) if body.is_empty() => assert!(data.is_null(), "{data} of an empty body"),
        (Value::Null, data) => assert_eq!(&serde_json::from_slice::<Value>(body).unwrap(), data),
        (base64, _) => panic!("both {base64} and data"),
    }
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..place], &bytes[place + at.len()..]))
}
