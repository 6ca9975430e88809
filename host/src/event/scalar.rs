//! The values of an event's attributes, borrowed from its text where no escape stands in them.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Visitor};

use super::InvalidEvent;
use super::attribute::problem;

/// A key, borrowed where it can be (serde borrows `Cow` only when told to).
#[derive(serde::Deserialize)]
pub struct Name<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// The values a context attribute can have.
pub enum Scalar<'a> {
    Text(Cow<'a, str>),
    Integer(i64),
    Bool(bool),
    Null,
}

impl<'a> Scalar<'a> {
    /// The value as the specification writes it; `None` for one that is not there.
    pub fn canonical(self) -> Option<Cow<'a, str>> {
        match self {
            Scalar::Text(text) => Some(text),
            Scalar::Integer(n) => Some(n.to_string().into()),
            Scalar::Bool(flag) => Some(if flag { "true".into() } else { "false".into() }),
            Scalar::Null => None,
        }
    }

    pub fn into_text(self, name: &str) -> Result<Cow<'a, str>, InvalidEvent> {
        match self {
            Scalar::Text(text) => Ok(text),
            Scalar::Integer(n) => Err(problem(name, format!("the number {n}; it must be a string"))),
            Scalar::Bool(_) => Err(problem(name, "a boolean; it must be a string")),
            Scalar::Null => Err(problem(name, "null; it must be a string")),
        }
    }
}

/// Reads a [`Scalar`]; knows the attribute's name so that a wrong type is reported with it.
pub struct ScalarSeed<'n> {
    pub name: &'n str,
}

impl<'de> DeserializeSeed<'de> for ScalarSeed<'_> {
    type Value = Scalar<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Scalar<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ScalarSeed<'_> {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a string, an integer or a boolean for attribute `{}` (is it part of `data`?)", self.name)
    }

    fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(v)))
    }

    fn visit_str<E>(self, v: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(v.to_owned())))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Integer(v))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Integer(i64::try_from(v).unwrap_or(i64::MAX)))
    }

    fn visit_bool<E>(self, v: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Bool(v))
    }

    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Null)
    }
}
