//! Binary mode: attributes from headers and data from the body, put together as one JSON event.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use serde_json::value::RawValue;

use super::header::decode;
use super::mode::{is_utf8, media_type_of};
use crate::event::attribute::problem;
use crate::event::parse::{check_size, utf8_text};
use crate::event::{InvalidEvent, NewEvent, parse_event};

/// A request in binary mode.
#[derive(Debug)]
pub struct BinaryMessage<'r> {
    /// Attributes by the names of their headers, without `ce-`, as they came.
    pub attributes: Vec<(&'r str, &'r [u8])>,
    pub content_type: Option<&'r [u8]>,
    pub body: &'r [u8],
}

impl BinaryMessage<'_> {
    /// The event, checked like every other. JSON stays as it is, text becomes a JSON string, and
    /// other bytes stand as base64.
    ///
    /// # Errors
    /// Names the attribute that is wrong.
    pub fn into_event(self, bytes_max: u64) -> Result<NewEvent, InvalidEvent> {
        check_size(self.body.len(), bytes_max)?;
        let mut members = Vec::with_capacity(self.attributes.len() + 2);
        for (name, value) in &self.attributes {
            if matches!(*name, "data" | "data_base64" | "datacontenttype") {
                return Err(problem(
                    name,
                    "no header of its own: the body is the data, content-type its type",
                ));
            }
            members.push(member(name, &Value::from(decode(name, value)?)));
        }
        let content_type = self.content_type.map(|value| text_of(value)).transpose()?;
        members.extend(content_type.map(|text| member("datacontenttype", &Value::from(text))));
        members.extend(data(content_type.unwrap_or_default(), self.body)?);
        parse_event(format!("{{{}}}", members.join(",")).as_bytes(), bytes_max)
    }
}

fn text_of(content_type: &[u8]) -> Result<&str, InvalidEvent> {
    std::str::from_utf8(content_type).map_err(|_| problem("datacontenttype", "not text"))
}

fn member(name: &str, value: &Value) -> String {
    format!("{}:{value}", Value::from(name))
}

/// The member that carries the body, if there is one.
fn data(content_type: &str, body: &[u8]) -> Result<Option<String>, InvalidEvent> {
    if body.is_empty() {
        return Ok(None);
    }
    let media_type = media_type_of(content_type);
    if is_json(&media_type) && is_utf8(content_type) {
        let text = utf8_text(body)?;
        serde_json::from_str::<&RawValue>(text)
            .map_err(|e| problem("data", format!("not the JSON that its content type says: {e}")))?;
        return Ok(Some(format!("\"data\":{text}")));
    }
    if media_type.starts_with("text/") && is_utf8(content_type) {
        let text = std::str::from_utf8(body).map_err(|e| InvalidEvent::NotUtf8 { at: e.valid_up_to() })?;
        return Ok(Some(member("data", &Value::from(text))));
    }
    Ok(Some(format!("\"data_base64\":\"{}\"", BASE64_STANDARD.encode(body))))
}

fn is_json(media_type: &str) -> bool {
    matches!(media_type, "application/json" | "text/json") || media_type.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIRED: [(&str, &[u8]); 4] =
        [("specversion", b"1.0"), ("id", b"1"), ("source", b"/s"), ("type", b"t")];

    fn event(
        more: &[(&'static str, &'static [u8])],
        content_type: Option<&'static str>,
        body: &'static [u8],
    ) -> Result<String, String> {
        let attributes = REQUIRED.iter().chain(more).copied().collect();
        let content_type = content_type.map(str::as_bytes);
        let message = BinaryMessage { attributes, content_type, body };
        message.into_event(4096).map(|event| event.json().to_owned()).map_err(|e| e.to_string())
    }

    #[test]
    fn the_body_is_data_in_the_form_its_content_type_says() {
        let cases: [(Option<&str>, &[u8], &str); 9] = [
            (
                Some("application/json"),
                b"{\"n\": 12345678901234567890}",
                r#""data":{"n": 12345678901234567890}"#,
            ),
            (Some("application/vnd.order+json"), b"7", r#""data":7"#),
            (Some("text/plain"), b"say \"hi\"", r#""data":"say \"hi\"""#),
            (Some("text/plain; charset=latin1"), b"\xe9", r#""data_base64":"6Q==""#),
            (Some("application/json"), b"\xef\xbb\xbf7", r#""data":7"#),
            (Some("application/json; charset=utf-16"), b"7\0", r#""data_base64":"NwA=""#),
            (Some("image/png"), b"\x00\xff", r#""data_base64":"AP8=""#),
            (None, b"x", r#""data_base64":"eA==""#),
            (Some("application/json"), b"", r#""datacontenttype":"application/json"}"#),
        ];
        for (content_type, body, expected) in cases {
            let json = event(&[], content_type, body).unwrap();
            assert!(json.contains(expected), "{content_type:?}: {json}");
        }
    }

    #[test]
    fn headers_are_attributes() {
        let json = event(&[("subject", b"caf%C3%A9"), ("tenant", b"x")], None, b"").unwrap();
        assert!(json.contains("\"subject\":\"caf\u{e9}\",\"tenant\":\"x\""), "{json}");
    }

    #[test]
    fn each_mistake_is_named() {
        for (more, content_type, body, expected) in [
            (&[("time", &b"soon"[..])][..], None, &b""[..], "attribute `time`"),
            (&[("id", b"2")], None, b"", "attribute `id` is given twice"),
            (&[("data", b"2")], None, b"", "attribute `data`"),
            (&[("no-name", b"2")], None, b"", "attribute `no-name`"),
            (&[], Some("application/json"), b"{", "attribute `data` is not the JSON"),
        ] {
            let refused = event(more, content_type, body).unwrap_err();
            assert!(refused.contains(expected), "{refused}");
        }
    }
}
