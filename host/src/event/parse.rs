//! CloudEvents 1.0 JSON text into [`NewEvent`], in one pass and without building a tree.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::attribute::{check_name, check_text, check_time, check_uri, check_value, problem};
use super::scalar::{Name, Scalar, ScalarSeed};
use super::{InvalidEvent, NewEvent, TraceAttributes};

/// Reads one event in the CloudEvents JSON format.
///
/// # Errors
/// Says which attribute is wrong, with the value and the cure; nothing is repaired silently.
pub fn parse_event(json: &[u8], bytes_max: u64) -> Result<NewEvent, InvalidEvent> {
    check_size(json.len(), bytes_max)?;
    let text = utf8_text(json)?.trim_ascii();
    let envelope = Envelope::read(text)?;
    Ok(NewEvent {
        source: envelope.source.ok_or(InvalidEvent::Missing("source"))?.into(),
        id: envelope.id.ok_or(InvalidEvent::Missing("id"))?.into(),
        type_: envelope.type_.ok_or(InvalidEvent::Missing("type"))?.into(),
        json: text.into(),
        hops: 0,
    })
}

/// The text of JSON that came from outside. A byte order mark before it is no part of it: RFC 8259 lets a
/// reader pass over it, and some senders write one.
///
/// # Errors
/// Says where it stops being UTF-8.
pub fn utf8_text(bytes: &[u8]) -> Result<&str, InvalidEvent> {
    let text = std::str::from_utf8(bytes).map_err(|e| InvalidEvent::NotUtf8 { at: e.valid_up_to() })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Refuses an event above the limit before anything else looks at it.
pub fn check_size(bytes: usize, bytes_max: u64) -> Result<(), InvalidEvent> {
    let bytes = bytes as u64;
    if bytes > bytes_max {
        return Err(InvalidEvent::TooLarge { bytes, bytes_max });
    }
    Ok(())
}

/// The attributes the queue needs, borrowed from the text where no escape stands in them.
#[derive(Default)]
pub struct Envelope<'a> {
    pub source: Option<Cow<'a, str>>,
    pub id: Option<Cow<'a, str>>,
    pub type_: Option<Cow<'a, str>>,
    /// What it says of the trace it belongs to.
    pub trace: TraceAttributes<'a>,
    has_specversion: bool,
    has_data: bool,
    has_data_base64: bool,
    /// The name of every other attribute and of every one that is null, to find what is given twice.
    others: Vec<Cow<'a, str>>,
}

impl<'a> Envelope<'a> {
    /// Reads and checks an event's attributes. Which of them must be there is the caller's to say,
    /// except `specversion`, which must.
    pub fn read(text: &'a str) -> Result<Self, InvalidEvent> {
        let envelope = Self::read_fragment(text)?;
        if !envelope.has_specversion {
            return Err(InvalidEvent::Missing("specversion"));
        }
        Ok(envelope)
    }

    /// As [`Envelope::read`], for an emitted event, whose `specversion` the host can add.
    pub fn read_fragment(text: &'a str) -> Result<Self, InvalidEvent> {
        let mut found = None;
        let mut reader = serde_json::Deserializer::from_str(text);
        let parsed = reader
            .deserialize_map(EnvelopeVisitor { failure: &mut found })
            .and_then(|envelope| reader.end().map(|()| envelope));
        // The visitor's own finding says more than the message serde_json can carry.
        match (found, parsed) {
            (Some(invalid), _) => Err(invalid),
            (None, Ok(envelope)) => Ok(envelope),
            (None, Err(error)) => Err(InvalidEvent::NotAnEvent(error.to_string())),
        }
    }

    pub fn has_specversion(&self) -> bool {
        self.has_specversion
    }

    fn check_payloads(&self) -> Result<(), InvalidEvent> {
        if self.has_data && self.has_data_base64 {
            return Err(InvalidEvent::TwoPayloads);
        }
        Ok(())
    }

    /// Whether an attribute stands in the text, be it as null.
    pub fn names(&self, name: &str) -> bool {
        match name {
            "id" if self.id.is_some() => true,
            "source" if self.source.is_some() => true,
            "type" if self.type_.is_some() => true,
            "specversion" if self.has_specversion => true,
            _ => self.others.iter().any(|other| other == name),
        }
    }

    fn take(&mut self, name: Cow<'a, str>, value: Scalar<'a>) -> Result<(), InvalidEvent> {
        if self.others.contains(&name) {
            return Err(twice(&name));
        }
        match &*name {
            _ if matches!(value, Scalar::Null) => self.take_null(name),
            "id" => set_text(&mut self.id, "id", value, check_text),
            "source" => set_text(&mut self.source, "source", value, check_uri),
            "type" => set_text(&mut self.type_, "type", value, check_text),
            "specversion" => self.take_specversion(value),
            _ => self.take_other(name, value),
        }
    }

    /// The JSON format says: an attribute that is null is not there. But its name is, and of two with one
    /// name another reader of the text may take the null.
    fn take_null(&mut self, name: Cow<'a, str>) -> Result<(), InvalidEvent> {
        if self.names(&name) {
            return Err(twice(&name));
        }
        self.others.push(name);
        Ok(())
    }

    fn take_specversion(&mut self, value: Scalar<'a>) -> Result<(), InvalidEvent> {
        let version = value.into_text("specversion")?;
        if version != "1.0" {
            return Err(problem("specversion", format!("{version:?}; this host speaks \"1.0\"")));
        }
        if std::mem::replace(&mut self.has_specversion, true) {
            return Err(twice("specversion"));
        }
        Ok(())
    }

    fn take_other(&mut self, name: Cow<'a, str>, value: Scalar<'a>) -> Result<(), InvalidEvent> {
        match &*name {
            "time" => check_time("time", &value.into_text("time")?)?,
            "dataschema" => check_uri("dataschema", &value.into_text("dataschema")?)?,
            "subject" | "datacontenttype" => check_text(&name, &value.into_text(&name)?)?,
            _ => self.take_extension(&name, value)?,
        }
        self.others.push(name);
        Ok(())
    }

    fn take_extension(&mut self, name: &str, value: Scalar<'a>) -> Result<(), InvalidEvent> {
        check_extension(name, &value)?;
        match (name, value) {
            ("traceparent", Scalar::Text(text)) => self.trace.parent = Some(text),
            ("tracestate", Scalar::Text(text)) => self.trace.state = Some(text),
            _ => {}
        }
        Ok(())
    }
}

fn set_text<'a>(
    slot: &mut Option<Cow<'a, str>>,
    name: &str,
    value: Scalar<'a>,
    check: fn(&str, &str) -> Result<(), InvalidEvent>,
) -> Result<(), InvalidEvent> {
    let text = value.into_text(name)?;
    check(name, &text)?;
    match slot.replace(text) {
        Some(_) => Err(twice(name)),
        None => Ok(()),
    }
}

fn check_extension(name: &str, value: &Scalar<'_>) -> Result<(), InvalidEvent> {
    check_name(name)?;
    match value {
        Scalar::Text(text) => check_value(name, text),
        Scalar::Integer(n) if i32::try_from(*n).is_err() => Err(problem(
            name,
            format!("{n}, outside the 32-bit integers that CloudEvents allows; send it as a string"),
        )),
        Scalar::Integer(_) | Scalar::Bool(_) | Scalar::Null => Ok(()),
    }
}

fn twice(name: &str) -> InvalidEvent {
    InvalidEvent::Duplicate { name: name.to_owned() }
}

struct EnvelopeVisitor<'f> {
    failure: &'f mut Option<InvalidEvent>,
}

impl<'de> Visitor<'de> for EnvelopeVisitor<'_> {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object with the attributes specversion, id, source and type")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut envelope = Envelope::default();
        while let Some(Name(name)) = map.next_key()? {
            let taken = match &*name {
                "data" => {
                    map.next_value::<IgnoredAny>()?;
                    mark(&mut envelope.has_data, "data")
                }
                "data_base64" => {
                    let text = map.next_value_seed(ScalarSeed { name: "data_base64" })?;
                    check_base64(text).and_then(|()| mark(&mut envelope.has_data_base64, "data_base64"))
                }
                other => {
                    let value = map.next_value_seed(ScalarSeed { name: other })?;
                    envelope.take(name, value)
                }
            };
            if let Err(invalid) = taken.and_then(|()| envelope.check_payloads()) {
                *self.failure = Some(invalid);
                return Err(de::Error::custom("see the recorded failure"));
            }
        }
        Ok(envelope)
    }
}

fn mark(seen: &mut bool, name: &str) -> Result<(), InvalidEvent> {
    match std::mem::replace(seen, true) {
        true => Err(twice(name)),
        false => Ok(()),
    }
}

fn check_base64(value: Scalar<'_>) -> Result<(), InvalidEvent> {
    use base64::Engine as _;
    let text = value.into_text("data_base64")?;
    match base64::engine::general_purpose::STANDARD.decode(&*text) {
        Ok(_) => Ok(()),
        Err(error) => Err(problem("data_base64", format!("not base64 (RFC 4648): {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(rest: &str) -> Result<NewEvent, InvalidEvent> {
        parse_event(
            format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"t"{rest}}}"#).as_bytes(),
            4096,
        )
    }

    fn problem_of(rest: &str) -> String {
        event(rest).unwrap_err().to_string()
    }

    #[test]
    fn the_text_is_kept_to_the_byte() {
        let rest = r#", "data": {"z": 123456789012345678901234567890, "a": 1.50,  "z2":[]}"#;
        let event = event(rest).unwrap();
        assert!(event.json().ends_with(&format!("{rest}}}")));
        assert_eq!((event.source(), event.id(), event.type_()), ("/s", "1", "t"));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_event() {
        let text = r#"{"specversion":"1.0","id":"1","source":"/s","type":"t"}"#;
        assert_eq!(parse_event(format!("\u{feff}{text}").as_bytes(), 4096).unwrap().json(), text);
        assert!(parse_event(format!("{text}\u{feff}").as_bytes(), 4096).is_err());
    }

    #[test]
    fn escapes_in_attributes_are_read() {
        let text = br#"{"specversion":"1.0","id":"a\u00e9","source":"/s","type":"t"}"#;
        assert_eq!(parse_event(text, 4096).unwrap().id(), "a\u{e9}");
    }

    #[test]
    fn extensions_of_every_kind_are_allowed_and_null_is_absent() {
        assert!(event(r#","tenant":"x","count":-7,"flag":true,"gone":null,"subject":null"#).is_ok());
    }

    #[test]
    fn each_mistake_is_named() {
        let cases = [
            (r#","Tenant":"x""#, "attribute `Tenant` is no attribute name"),
            (r#","big":3000000000"#, "attribute `big` is 3000000000, outside the 32-bit"),
            (r#","list":[1]"#, "for attribute `list` (is it part of `data`?)"),
            (r#","time":"yesterday""#, "attribute `time` is not an RFC 3339 time: \"yesterday\""),
            (r#","subject":"""#, "attribute `subject` is empty"),
            (r#","id":"2""#, "attribute `id` is given twice"),
            (r#","x":1,"x":2"#, "attribute `x` is given twice"),
            (r#","id":null"#, "attribute `id` is given twice"),
            (r#","x":null,"x":2"#, "attribute `x` is given twice"),
            (r#","data":1,"data_base64":"AA==""#, "both `data` and `data_base64`"),
            (r#","data_base64":"*""#, "attribute `data_base64` is not base64"),
            (r#","specversion":"0.3""#, "attribute `specversion` is \"0.3\""),
            (r#","subject":"a\u0007""#, "not allowed to hold the character U+0007"),
        ];
        for (rest, expected) in cases {
            let problem = problem_of(rest);
            assert!(problem.contains(expected), "{rest}: {problem}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = parse_event(br#"{"specversion":"1.0","id":"1","type":"t"}"#, 4096);
        assert_eq!(missing, Err(InvalidEvent::Missing("source")));
        assert_eq!(parse_event(br#"{"id":"1"}"#, 4096), Err(InvalidEvent::Missing("specversion")));
    }

    #[test]
    fn deep_data_is_passed_over_without_recursion() {
        let deep = format!(r#","data":{}{}"#, "[".repeat(500_000), "]".repeat(500_000));
        let text = format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"t"{deep}}}"#);
        assert!(parse_event(text.as_bytes(), 2 << 20).is_ok());
    }

    #[test]
    fn the_size_is_bounded_before_anything_is_read() {
        assert_eq!(parse_event(&[b' '; 11], 10), Err(InvalidEvent::TooLarge { bytes: 11, bytes_max: 10 }));
    }
}
