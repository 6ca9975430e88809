//! Bare data into events: what `--raw TYPE` means.

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::attribute::check_text;
use super::parse::{check_size, utf8_text};
use super::{InvalidEvent, NewEvent};

/// The source of every event made from bare data. Not the file's name: the same data in a renamed
/// file is the same event.
const SOURCE: &str = "urn:wasm-evq:raw";

/// How bare JSON lines become events of one type.
#[derive(Debug, Clone)]
pub struct RawLines {
    type_: Box<str>,
    id: IdPointer,
}

/// Where an event's id is found.
#[derive(Debug, Clone)]
pub enum IdPointer {
    /// The id is the content's SHA-256: equal lines are one event.
    ContentHash,
    /// A JSON pointer (RFC 6901) to a string or an integer in the data.
    Pointer(Box<str>),
    /// The sender says it beside the data.
    Given(Box<str>),
}

impl RawLines {
    /// # Errors
    /// When the type is not one that CloudEvents allows.
    pub fn new(type_: &str, id: IdPointer) -> Result<Self, InvalidEvent> {
        check_text("type", type_)?;
        Ok(RawLines { type_: type_.into(), id })
    }

    /// Wraps one line of JSON, unchanged, as the `data` of an event.
    ///
    /// # Errors
    /// When the line is not JSON, or no id stands at the pointer.
    pub fn wrap(&self, line: &[u8], bytes_max: u64) -> Result<NewEvent, InvalidEvent> {
        check_size(line.len(), bytes_max)?;
        let data = utf8_text(line)?.trim_ascii();
        serde_json::from_str::<&RawValue>(data)
            .map_err(|e| InvalidEvent::NotAnEvent(format!("the data is not JSON: {e}")))?;
        let id = self.id_of(data)?;
        check_text("id", &id)?;
        let (id_json, type_json) = (serde_json::Value::from(&*id), serde_json::Value::from(&*self.type_));
        let json = format!(
            r#"{{"specversion":"1.0","id":{id_json},"source":"{SOURCE}","type":{type_json},"data":{data}}}"#
        );
        check_size(json.len(), bytes_max)?;
        Ok(NewEvent {
            source: SOURCE.into(),
            id: id.into(),
            type_: self.type_.clone(),
            json: json.into(),
            hops: 0,
        })
    }

    fn id_of(&self, data: &str) -> Result<String, InvalidEvent> {
        let pointer = match &self.id {
            IdPointer::ContentHash => return Ok(hex::encode(Sha256::digest(data))),
            IdPointer::Given(id) => return Ok(id.to_string()),
            IdPointer::Pointer(pointer) => pointer,
        };
        let value: serde_json::Value =
            serde_json::from_str(data).map_err(|e| InvalidEvent::NotAnEvent(e.to_string()))?;
        match value.pointer(pointer) {
            Some(serde_json::Value::String(id)) => Ok(id.clone()),
            Some(serde_json::Value::Number(id)) if !id.is_f64() => Ok(id.to_string()),
            _ => Err(InvalidEvent::NoIdAtPointer { pointer: pointer.to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_survives_byte_for_byte_and_equal_lines_are_one_event() {
        let raw = RawLines::new("order", IdPointer::ContentHash).unwrap();
        let line = br#"{"z":12345678901234567890123,"a":1.50}"#;
        let event = raw.wrap(line, 1000).unwrap();
        let parsed = super::super::parse_event(event.json().as_bytes(), 1000).unwrap();
        assert_eq!(parsed.id(), event.id());
        assert!(event.json().contains(r#""data":{"z":12345678901234567890123,"a":1.50}"#));
        assert_eq!(raw.wrap(line, 1000).unwrap().id(), event.id());
    }

    #[test]
    fn the_pointer_names_the_id() {
        let raw = RawLines::new("order", IdPointer::Pointer("/order/no".into())).unwrap();
        assert_eq!(raw.wrap(br#"{"order":{"no":17}}"#, 1000).unwrap().id(), "17");
        let missing = raw.wrap(br#"{"order":{}}"#, 1000).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "no value at --id-pointer /order/no; a string or an integer must stand there"
        );
    }

    #[test]
    fn a_line_that_is_not_json_is_refused() {
        let raw = RawLines::new("order", IdPointer::ContentHash).unwrap();
        assert!(raw.wrap(b"hello there", 1000).is_err());
    }
}
