//! Bytes instead of JSON, coming in or going out.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// Raw bytes: as a handler's return value an output that is not JSON, as an event's data
/// (`Event<Bytes>`) the decoded `data_base64`, or the JSON text of `data` as its sender wrote it.
///
/// ```
/// use wasm_evq_guest::{Bytes, Error, Event, handler, testing};
///
/// #[handler]
/// fn reverse(event: Event<Bytes>) -> Result<Bytes, Error> {
///     Ok(event.data()?.iter().rev().copied().collect::<Vec<u8>>().into())
/// }
///
/// let outcome = testing::event("blob").bytes(b"abc").run(reverse);
/// assert_eq!(outcome.bytes(), b"cba");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Bytes(Cow<'static, [u8]>);

impl Bytes {
    /// Gives up the bytes, copied only if they were borrowed.
    pub fn into_vec(self) -> Vec<u8> {
        self.0.into_owned()
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes(Cow::Owned(bytes))
    }
}

impl From<String> for Bytes {
    fn from(text: String) -> Self {
        Bytes(Cow::Owned(text.into_bytes()))
    }
}

impl From<&'static [u8]> for Bytes {
    fn from(bytes: &'static [u8]) -> Self {
        Bytes(Cow::Borrowed(bytes))
    }
}

impl From<&'static str> for Bytes {
    fn from(text: &'static str) -> Self {
        Bytes(Cow::Borrowed(text.as_bytes()))
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}
