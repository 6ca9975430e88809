//! The attributes of a CloudEvents event, read in one pass over its JSON text.
//!
//! The host has checked the event before it took it in; this only sorts its members. Nothing is
//! copied except what holds an escape, and `data` is passed over, to be read when it is asked for.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::scalar::{Attribute, Scalar};

/// An event's members. Text without escapes is borrowed from the event's own buffer.
#[derive(Debug, Default)]
pub(crate) struct Envelope {
    pub(crate) id: Cow<'static, str>,
    pub(crate) source: Cow<'static, str>,
    pub(crate) type_: Cow<'static, str>,
    pub(crate) subject: Option<Cow<'static, str>>,
    pub(crate) time: Option<Cow<'static, str>>,
    pub(crate) datacontenttype: Option<Cow<'static, str>>,
    pub(crate) dataschema: Option<Cow<'static, str>>,
    pub(crate) extensions: Vec<(Cow<'static, str>, Scalar)>,
    pub(crate) data: Option<&'static RawValue>,
    pub(crate) data_base64: Option<Cow<'static, str>>,
}

impl Envelope {
    fn take(&mut self, name: Cow<'static, str>, value: Scalar) {
        let Scalar::Text(text) = value else {
            self.extensions.push((name, value));
            return;
        };
        match &*name {
            "id" => self.id = text,
            "source" => self.source = text,
            "type" => self.type_ = text,
            "specversion" => {}
            "subject" => self.subject = Some(text),
            "time" => self.time = Some(text),
            "datacontenttype" => self.datacontenttype = Some(text),
            "dataschema" => self.dataschema = Some(text),
            "data_base64" => self.data_base64 = Some(text),
            _ => self.extensions.push((name, Scalar::Text(text))),
        }
    }
}

impl<'de: 'static> Deserialize<'de> for Envelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EnvelopeVisitor)
    }
}

struct EnvelopeVisitor;

impl<'de: 'static> Visitor<'de> for EnvelopeVisitor {
    type Value = Envelope;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a CloudEvents event as a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Envelope, A::Error> {
        let mut envelope = Envelope::default();
        while let Some(Name(name)) = members.next_key()? {
            if name == "data" {
                envelope.data = Some(members.next_value()?);
            } else if let Attribute(Some(value)) = members.next_value()? {
                envelope.take(name, value);
            }
        }
        Ok(envelope)
    }
}

/// A member's name, borrowed where it can be.
struct Name(Cow<'static, str>);

impl<'de: 'static> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de: 'static> Visitor<'de> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute's name")
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Name, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Name, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}
