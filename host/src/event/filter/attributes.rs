//! The attributes of an event that filters ask for, and no others.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::event::NewEvent;
use crate::event::scalar::{Name, ScalarSeed};

/// An event's attributes in their canonical text.
pub struct ContextAttributes<'e> {
    event: &'e NewEvent,
    others: Vec<(Cow<'e, str>, Cow<'e, str>)>,
}

impl<'e> ContextAttributes<'e> {
    /// Reads those of `wanted` that the event has. Its text is gone through only for attributes that do
    /// not stand beside it.
    pub fn read(event: &'e NewEvent, wanted: &BTreeSet<Box<str>>) -> Self {
        let is_at_hand = |name: &str| matches!(name, "source" | "id" | "type");
        if wanted.iter().all(|name| is_at_hand(name)) {
            return ContextAttributes { event, others: Vec::new() };
        }
        let mut reader = serde_json::Deserializer::from_str(event.json());
        // It was read before, when it was accepted.
        let others = reader.deserialize_map(Wanted(wanted)).unwrap_or_default();
        ContextAttributes { event, others }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        match name {
            "source" => Some(self.event.source()),
            "id" => Some(self.event.id()),
            "type" => Some(self.event.type_()),
            _ => self.others.iter().find(|(known, _)| known == name).map(|(_, value)| &**value),
        }
    }
}

struct Wanted<'w>(&'w BTreeSet<Box<str>>);

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = Vec<(Cow<'de, str>, Cow<'de, str>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            if !self.0.contains(&*name) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if let Some(text) = map.next_value_seed(ScalarSeed { name: &name })?.canonical() {
                found.push((name, text));
            }
        }
        Ok(found)
    }
}
