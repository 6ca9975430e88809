//! Events made for a test.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{Outcome, Setting, run_attempt};
use crate::run::Argument;
use crate::{Reply, Scalar, base64, http};

/// Starts an event of this type, with id `1` and source `/test` unless told otherwise.
pub fn event(type_: &str) -> TestEvent {
    let event = TestEvent { members: BTreeMap::new(), setting: Setting::default() };
    event.set("specversion", "1.0").set("id", "1").set("source", "/test").set("type", type_)
}

/// An event in the making.
#[derive(Debug, Clone)]
#[must_use = "the handler is called by `run`"]
pub struct TestEvent {
    /// By name, as JSON text: numbers keep all their digits.
    members: BTreeMap<String, Box<RawValue>>,
    setting: Setting,
}

impl TestEvent {
    /// Sets `id`.
    pub fn id(self, id: &str) -> Self {
        self.set("id", id)
    }

    /// Sets `source`.
    pub fn source(self, source: &str) -> Self {
        self.set("source", source)
    }

    /// Sets `subject`.
    pub fn subject(self, subject: &str) -> Self {
        self.set("subject", subject)
    }

    /// Sets `time`, as RFC 3339 text.
    pub fn time(self, time: &str) -> Self {
        self.set("time", time)
    }

    /// Sets any other attribute, such as an extension.
    pub fn extension(self, name: &str, value: impl Into<Scalar>) -> Self {
        self.set(name, value.into())
    }

    /// Sets the data, as JSON.
    ///
    /// # Panics
    /// When the value cannot be written as JSON.
    pub fn data(mut self, data: impl Serialize) -> Self {
        self.members.remove("data_base64");
        self.set("data", data)
    }

    /// Sets the data, as bytes.
    pub fn bytes(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.members.remove("data");
        self.set("data_base64", base64::encode(bytes.as_ref()))
    }

    /// Says which attempt this is: 1 unless told otherwise.
    pub fn attempt(mut self, attempt: u32) -> Self {
        self.setting.attempt = attempt;
        self
    }

    /// Says when the host accepted the event, in milliseconds since 1970.
    pub fn accepted_at_ms(mut self, ms: i64) -> Self {
        self.setting.accepted_at_ms = ms;
        self
    }

    /// Grants the handler a value, or a secret, by this name: see [`crate::env`].
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.setting.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Answers the handler's next request that has no answer yet: see [`crate::http`].
    pub fn answer(mut self, response: http::Response) -> Self {
        self.setting.answers.push_back(http::answer_bytes(&Ok(response)));
        self
    }

    /// Gives the handler's next request that has no answer yet this error instead.
    pub fn no_answer(mut self, error: http::Error) -> Self {
        self.setting.answers.push_back(http::answer_bytes(&Err(error)));
        self
    }

    /// Runs a handler on the event.
    pub fn run<A: Argument, R: Reply<Kind>, Kind>(&self, handle: impl FnOnce(A) -> R) -> Outcome {
        run_attempt(handle, &self.to_json(), self.setting.clone())
    }

    /// The event as CloudEvents JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.members).expect("texts by name are JSON")
    }

    fn set(mut self, name: &str, value: impl Serialize) -> Self {
        match to_raw_value(&value) {
            Ok(json) => self.members.insert(name.to_owned(), json),
            Err(error) => panic!("`{name}` cannot be written as JSON: {error}"),
        };
        self
    }
}
