//! New events, enqueued by the host together with the handler's result.
//!
//! ```
//! use wasm_evq_guest::{Error, Event, emit, handler, json, testing};
//!
//! #[handler]
//! fn split(event: Event<Vec<String>>) -> Result<(), Error> {
//!     for item in event.data()? {
//!         emit::event("com.example.item").subject(item).extension("tier", "gold").data(item)?.send()?;
//!     }
//!     Ok(())
//! }
//!
//! let outcome = testing::event("list").data(["a", "b"]).run(split);
//! assert_eq!(outcome.emitted().len(), 2);
//! assert_eq!(outcome.emitted()[1]["data"], json!("b"));
//! ```

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::{Error, Scalar, abi, base64};

/// Names that are not for extensions: CloudEvents gives them a meaning of their own.
const RESERVED: [&str; 9] =
    ["data", "datacontenttype", "dataschema", "id", "source", "specversion", "subject", "time", "type"];

/// Starts a new event of this type. The host gives it its `id` and `source`, derived from the event
/// at hand, so that a second attempt makes no duplicates.
pub fn event(type_: impl Into<String>) -> NewEvent {
    NewEvent {
        type_: type_.into(),
        datacontenttype: None,
        dataschema: None,
        subject: None,
        time: None,
        extensions: Vec::new(),
        body: Body::None,
    }
}

/// An event in the making; nothing happens before [`NewEvent::send`]. Setting something again
/// replaces it.
#[derive(Debug, Clone)]
#[must_use = "an event is emitted by `send`"]
pub struct NewEvent {
    type_: String,
    datacontenttype: Option<Cow<'static, str>>,
    dataschema: Option<String>,
    subject: Option<String>,
    time: Option<String>,
    extensions: Vec<(String, Scalar)>,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    None,
    Json(Box<RawValue>),
    Base64(String),
}

impl NewEvent {
    /// Sets `subject`: what the event is about.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Sets `time`: RFC 3339 text.
    pub fn time(mut self, time: impl Into<String>) -> Self {
        self.time = Some(time.into());
        self
    }

    /// Sets `dataschema`: a URI of the data's schema.
    pub fn dataschema(mut self, uri: impl Into<String>) -> Self {
        self.dataschema = Some(uri.into());
        self
    }

    /// Sets an extension attribute. Names are 1 to 64 of `a`-`z` and `0`-`9`.
    pub fn extension(mut self, name: impl Into<String>, value: impl Into<Scalar>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.extensions.retain(|(set, _)| *set != name);
        self.extensions.push((name, value));
        self
    }

    /// Sets the data, as JSON.
    ///
    /// # Errors
    /// A permanent one, when the value cannot be written as JSON.
    pub fn data<T: Serialize + ?Sized>(mut self, data: &T) -> Result<Self, Error> {
        match to_raw_value(data) {
            Ok(json) => self.body = Body::Json(json),
            Err(error) => {
                return Err(Error::permanent(format_args!(
                    "the data of the new event `{}` cannot be written as JSON: {error}",
                    self.type_
                )));
            }
        }
        Ok(self)
    }

    /// Sets the data, as bytes of this media type.
    pub fn bytes(mut self, datacontenttype: impl Into<String>, bytes: impl AsRef<[u8]>) -> Self {
        self.datacontenttype = Some(Cow::Owned(datacontenttype.into()));
        self.body = Body::Base64(base64::encode(bytes.as_ref()));
        self
    }

    /// Hands the event to the host, which enqueues it if the attempt ends well.
    ///
    /// # Errors
    /// A permanent one, when an attribute's name is not allowed or the type is empty.
    pub fn send(self) -> Result<(), Error> {
        self.check()?;
        match serde_json::to_vec(&self) {
            Ok(json) => {
                abi::emit(&json);
                Ok(())
            }
            Err(error) => Err(Error::permanent(error)),
        }
    }

    fn check(&self) -> Result<(), Error> {
        if self.type_.is_empty() {
            return Err(Error::permanent("a new event needs a type that is not empty"));
        }
        for (name, _) in &self.extensions {
            if RESERVED.contains(&&**name) {
                return Err(Error::permanent(format_args!(
                    "`{name}` cannot be an extension of the new event `{}`: it is an attribute of its own",
                    self.type_
                )));
            }
            let fits = (1..=64).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            if !fits {
                return Err(Error::permanent(format_args!(
                    "`{name}` cannot be an extension of the new event `{}`: names are 1 to 64 of a-z and 0-9",
                    self.type_
                )));
            }
        }
        Ok(())
    }
}

impl Serialize for NewEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut event = serializer.serialize_map(None)?;
        event.serialize_entry("type", &self.type_)?;
        let texts = [
            ("datacontenttype", self.datacontenttype.as_deref()),
            ("dataschema", self.dataschema.as_deref()),
            ("subject", self.subject.as_deref()),
            ("time", self.time.as_deref()),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                event.serialize_entry(name, value)?;
            }
        }
        for (name, value) in &self.extensions {
            event.serialize_entry(name, value)?;
        }
        match &self.body {
            Body::None => {}
            Body::Json(json) => event.serialize_entry("data", json)?,
            Body::Base64(text) => event.serialize_entry("data_base64", text)?,
        }
        event.end()
    }
}
