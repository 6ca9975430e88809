//! The values a context attribute can have.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

/// The value of an extension attribute.
///
/// ```
/// use wasm_evq_guest::Scalar;
///
/// assert_eq!(Scalar::from("gold").as_str(), Some("gold"));
/// assert_eq!(Scalar::from(7), 7);
/// assert_eq!(Scalar::from(true).to_string(), "true");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// A string; CloudEvents also writes times, URIs and binary values as strings.
    Text(Cow<'static, str>),
    /// An integer; CloudEvents allows 32 bits.
    Integer(i32),
    /// A boolean.
    Bool(bool),
}

impl Scalar {
    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Scalar::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_i32(&self) -> Option<i32> {
        match self {
            Scalar::Integer(n) => Some(*n),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Scalar::Bool(value) => Some(*value),
            _ => None,
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Text(text) => text.fmt(f),
            Scalar::Integer(n) => n.fmt(f),
            Scalar::Bool(value) => value.fmt(f),
        }
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Scalar::Text(Cow::Owned(text.to_owned()))
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Scalar::Text(Cow::Owned(text))
    }
}

impl From<i32> for Scalar {
    fn from(n: i32) -> Self {
        Scalar::Integer(n)
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Scalar::Bool(value)
    }
}

impl PartialEq<str> for Scalar {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<&str> for Scalar {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<i32> for Scalar {
    fn eq(&self, other: &i32) -> bool {
        self.as_i32() == Some(*other)
    }
}

impl PartialEq<bool> for Scalar {
    fn eq(&self, other: &bool) -> bool {
        self.as_bool() == Some(*other)
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Scalar::Text(text) => serializer.serialize_str(text),
            Scalar::Integer(n) => serializer.serialize_i32(*n),
            Scalar::Bool(value) => serializer.serialize_bool(*value),
        }
    }
}
