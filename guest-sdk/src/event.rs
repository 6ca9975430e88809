//! The event as the handler sees it.

use std::cell::OnceCell;
use std::fmt;

use serde_json::Value;

use crate::envelope::Envelope;
use crate::payload::{Body, Payload};
use crate::scalar::Scalar;
use crate::{Error, abi};

/// A CloudEvents 1.0 event whose data is a `T`.
///
/// `T` is any [`serde::Deserialize`] type, [`Bytes`](crate::Bytes) for the bytes as they are, or
/// `&'static` [`RawJson`](crate::RawJson) for JSON text that is passed on unread. The event stays in
/// memory as long as the handler runs, so `T` may borrow from it, which saves the copies: write
/// `Event<Visit<'_>>` for a type with a lifetime. (A `&str` cannot hold text with an escape in it;
/// `Cow<'a, str>` with `#[serde(borrow)]` holds both.)
///
/// ```
/// use serde::Deserialize;
/// use wasm_evq_guest::{Error, Event, handler, testing};
///
/// #[derive(Deserialize)]
/// struct Visit<'a> {
///     page: &'a str,
/// }
///
/// #[handler]
/// fn handle(event: Event<Visit<'_>>) -> Result<String, Error> {
///     let tier = event.extension("tier").and_then(|tier| tier.as_str()).unwrap_or("free");
///     Ok(format!("{} ({tier})", event.data()?.page))
/// }
///
/// let outcome = testing::event("visit")
///     .extension("tier", "gold")
///     .data(serde_json::json!({"page": "/about"}))
///     .run(handle);
/// assert_eq!(outcome.json(), "/about (gold)");
/// ```
pub struct Event<T = Value> {
    envelope: Envelope,
    /// Read on the first call of `data`: a handler that wants attributes only does not pay for it.
    data: OnceCell<T>,
}

impl<T> Event<T> {
    /// `id`: unique within the source.
    pub fn id(&self) -> &'static str {
        self.envelope.id
    }

    /// `source`: where the event comes from; with the id it identifies the event.
    pub fn source(&self) -> &'static str {
        self.envelope.source
    }

    /// `type`: what happened.
    pub fn type_(&self) -> &'static str {
        self.envelope.type_
    }

    /// `subject`: what it happened to.
    pub fn subject(&self) -> Option<&'static str> {
        self.envelope.subject
    }

    /// `time`: when it happened, as RFC 3339 text.
    pub fn time(&self) -> Option<&'static str> {
        self.envelope.time
    }

    /// `datacontenttype`: the data's media type; without it, JSON.
    pub fn datacontenttype(&self) -> Option<&'static str> {
        self.envelope.datacontenttype
    }

    /// `dataschema`: a URI of the data's schema.
    pub fn dataschema(&self) -> Option<&'static str> {
        self.envelope.dataschema
    }

    /// The extension attribute called `name`, if the event has it.
    pub fn extension(&self, name: &str) -> Option<&Scalar> {
        self.extensions().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    /// All extension attributes, in the sender's order.
    pub fn extensions(&self) -> impl Iterator<Item = (&'static str, &Scalar)> {
        self.envelope.extensions.iter().map(|(name, value)| (*name, value))
    }

    /// 1 for the first attempt at this event, 2 for the second, ...
    pub fn attempt(&self) -> u32 {
        abi::attempt()
    }

    /// When the host accepted the event, in milliseconds since 1970. The same in every attempt: a
    /// handler has no other clock.
    pub fn accepted_at_ms(&self) -> i64 {
        abi::now_ms()
    }

    /// Whether the event carries data at all.
    pub fn has_data(&self) -> bool {
        self.envelope.data.is_some() || self.envelope.data_base64.is_some()
    }
}

impl<T: Payload> Event<T> {
    /// Reads the attributes of an event that the host has checked.
    pub(crate) fn read(text: &'static str) -> Result<Self, Error> {
        match Envelope::read(text) {
            Some(envelope) => Ok(Event { envelope, data: OnceCell::new() }),
            None => {
                Err(Error::permanent("the event cannot be read: it is not the JSON that the ABI promises"))
            }
        }
    }

    /// The event's data.
    ///
    /// # Errors
    /// A permanent one, when the event carries no data or data that does not fit `T`.
    pub fn data(&self) -> Result<&T, Error> {
        if let Some(data) = self.data.get() {
            return Ok(data);
        }
        let data = self.read_data()?;
        Ok(self.data.get_or_init(|| data))
    }

    /// The event's data, given away.
    ///
    /// # Errors
    /// As [`Event::data`].
    pub fn into_data(mut self) -> Result<T, Error> {
        match self.data.take() {
            Some(data) => Ok(data),
            None => self.read_data(),
        }
    }

    fn read_data(&self) -> Result<T, Error> {
        let body = match (self.envelope.data, self.envelope.data_base64) {
            (Some(json), _) => Body::Json(json),
            (None, Some(text)) => Body::Base64(text),
            (None, None) => return Err(Error::permanent("the event carries no data")),
        };
        T::read(body)
    }
}

impl<T: fmt::Debug> fmt::Debug for Event<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Event");
        text.field("source", &self.source()).field("id", &self.id()).field("type", &self.type_());
        if let Some(data) = self.data.get() {
            text.field("data", data);
        }
        text.finish_non_exhaustive()
    }
}
