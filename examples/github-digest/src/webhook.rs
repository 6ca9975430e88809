//! A look into a payload that may hold anything: what is not there, or empty, is `None`.

use serde::Deserialize;
use wasm_evq_guest::Value;

/// The body of a webhook, as GitHub sent it. Places in it are JSON pointers: `/issue/title`.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Webhook(Value);

impl Webhook {
    pub fn text(&self, place: &str) -> Option<&str> {
        self.0.pointer(place)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    pub fn number(&self, place: &str) -> Option<u64> {
        self.0.pointer(place)?.as_u64()
    }

    pub fn list(&self, place: &str) -> Option<&[Value]> {
        self.0.pointer(place)?.as_array().map(Vec::as_slice)
    }

    pub fn is_true(&self, place: &str) -> bool {
        self.0.pointer(place).is_some_and(|value| *value == true)
    }
}
