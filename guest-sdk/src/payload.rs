//! What an event's data can be read as.

use serde::Deserialize;

use crate::{Bytes, Error, base64};

/// A type that [`Event`](crate::Event) can give the data as: every `Deserialize` type, and [`Bytes`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from an event's data",
    label = "not a type that data can be read as",
    note = "derive `serde::Deserialize` for it, or take `Event<Bytes>` or `Event<Value>`"
)]
pub trait Payload: Sized {
    /// Reads the data.
    ///
    /// # Errors
    /// A permanent one, when the data does not fit the type.
    #[doc(hidden)]
    fn read(body: Body) -> Result<Self, Error>;
}

/// The data as it stands in the event.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Body {
    /// The text of `data`.
    Json(&'static str),
    /// The text of `data_base64`.
    Base64(&'static str),
}

impl<T: Deserialize<'static>> Payload for T {
    fn read(body: Body) -> Result<Self, Error> {
        let text = match body {
            Body::Json(text) => text,
            Body::Base64(text) => decode_text(text)?,
        };
        match serde_json::from_str(text) {
            Ok(data) => Ok(data),
            Err(error) => Err(Error::permanent(format_args!("the data does not fit: {error}"))),
        }
    }
}

impl Payload for Bytes {
    fn read(body: Body) -> Result<Self, Error> {
        match body {
            Body::Json(text) => Ok(text.into()),
            Body::Base64(text) => decode(text).map(Bytes::from),
        }
    }
}

/// JSON may also travel as bytes; it is the same data. Leaked: it must live as long as the event.
fn decode_text(text: &str) -> Result<&'static str, Error> {
    match String::from_utf8(decode(text)?) {
        Ok(text) => Ok(text.leak()),
        Err(_) => Err(Error::permanent("the data does not fit: it is bytes, not JSON; take `Event<Bytes>`")),
    }
}

fn decode(text: &str) -> Result<Vec<u8>, Error> {
    base64::decode(text).ok_or_else(|| Error::permanent("the event's data_base64 is not base64"))
}
