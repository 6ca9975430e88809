//! The attributes of a CloudEvents event, sorted in one pass over its JSON text.
//!
//! Nothing is copied except text with an escape in it, and `data` is passed over, to be read when it
//! is asked for.

use std::borrow::Cow;

use crate::Scalar;
use crate::members::{Members, Simple};

/// An event's members. All of them live as long as the event's text, which is as long as the instance.
#[derive(Debug, Default)]
pub(crate) struct Envelope {
    pub(crate) id: &'static str,
    pub(crate) source: &'static str,
    pub(crate) type_: &'static str,
    pub(crate) subject: Option<&'static str>,
    pub(crate) time: Option<&'static str>,
    pub(crate) datacontenttype: Option<&'static str>,
    pub(crate) dataschema: Option<&'static str>,
    pub(crate) extensions: Vec<(&'static str, Scalar)>,
    /// The text of `data`.
    pub(crate) data: Option<&'static str>,
    pub(crate) data_base64: Option<&'static str>,
}

impl Envelope {
    /// Nothing, if the text is not what the ABI promises.
    pub(crate) fn read(text: &'static str) -> Option<Self> {
        let mut envelope = Envelope::default();
        let mut members = Members::of(text)?;
        while let Some(name) = members.name()? {
            if name == "data" {
                envelope.data = Some(members.raw()?);
            } else {
                envelope.take(name, members.simple()?)?;
            }
        }
        Some(envelope)
    }

    fn take(&mut self, name: &'static str, value: Simple) -> Option<()> {
        let text = match value {
            Simple::Text(text) => text,
            // The JSON format says: an attribute that is null is not there.
            Simple::Word("null") => return Some(()),
            Simple::Word(word) => {
                self.extensions.push((name, scalar(word)?));
                return Some(());
            }
        };
        match name {
            "id" => self.id = text,
            "source" => self.source = text,
            "type" => self.type_ = text,
            "specversion" => {}
            "subject" => self.subject = Some(text),
            "time" => self.time = Some(text),
            "datacontenttype" => self.datacontenttype = Some(text),
            "dataschema" => self.dataschema = Some(text),
            "data_base64" => self.data_base64 = Some(text),
            _ => self.extensions.push((name, Scalar::Text(Cow::Borrowed(text)))),
        }
        Some(())
    }
}

fn scalar(word: &str) -> Option<Scalar> {
    match word {
        "true" => Some(Scalar::Bool(true)),
        "false" => Some(Scalar::Bool(false)),
        number => number.parse().ok().map(Scalar::Integer),
    }
}
