//! What a sender is told of each event.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::problem::Problem;
use crate::event::{InvalidEvent, NewEvent};
use crate::store::EnqueueFate;

/// What may stand in a path segment or a query value without being encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~').remove(b'.');

/// An event that is durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Accepted {
    /// `accepted`, `duplicate` when this source and id were accepted before, or `unmatched` when no
    /// handler wants it: it is kept all the same.
    #[schema(value_type = String, pattern = "^(accepted|duplicate|unmatched)$")]
    pub fate: &'static str,
    pub id: String,
    pub source: String,
    /// Where to see what becomes of it.
    pub link: String,
}

/// An event of a batch that is none, and is kept in the table `rejected`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NotAccepted {
    #[schema(value_type = String, pattern = "^rejected$")]
    pub fate: &'static str,
    pub reason: String,
    /// The attribute that is wrong.
    #[schema(required = true)]
    pub attribute: Option<String>,
}

/// One event of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ItemFate {
    Accepted(Accepted),
    Rejected(NotAccepted),
}

/// The whole batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BatchFate {
    pub accepted: u64,
    pub duplicates: u64,
    /// Kept, and no handler wants them.
    pub unmatched: u64,
    pub rejected: u64,
    /// One entry an event, in the order of the batch.
    pub events: Vec<ItemFate>,
}

/// What a sender is told when all it sent is durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Durable {
    One(Accepted),
    Batch(BatchFate),
}

/// Who an event is, kept while the event itself is handed over.
#[derive(Debug, Clone)]
pub struct Identity {
    pub id: String,
    pub source: String,
}

impl Identity {
    pub fn of(event: &NewEvent) -> Self {
        Identity { id: event.id().to_owned(), source: event.source().to_owned() }
    }

    pub fn link(&self) -> String {
        let encode = |text| utf8_percent_encode(text, ENCODED);
        format!("/events/{}?source={}", encode(&self.id), encode(&self.source))
    }

    pub fn with(self, fate: EnqueueFate) -> Accepted {
        let link = self.link();
        let fate = match fate {
            EnqueueFate::Enqueued { .. } => "accepted",
            EnqueueFate::Duplicate(_) => "duplicate",
            EnqueueFate::Unmatched(_) => "unmatched",
        };
        Accepted { fate, id: self.id, source: self.source, link }
    }
}

impl From<&InvalidEvent> for NotAccepted {
    fn from(invalid: &InvalidEvent) -> Self {
        let attribute = invalid.attribute().map(str::to_owned);
        NotAccepted { fate: "rejected", reason: invalid.to_string(), attribute }
    }
}

impl BatchFate {
    pub fn of(events: Vec<ItemFate>) -> Self {
        let count = |wanted| events.iter().filter(|item| item.fate() == wanted).count() as u64;
        BatchFate {
            accepted: count("accepted"),
            duplicates: count("duplicate"),
            unmatched: count("unmatched"),
            rejected: count("rejected"),
            events,
        }
    }
}

impl ItemFate {
    fn fate(&self) -> &'static str {
        match self {
            ItemFate::Accepted(accepted) => accepted.fate,
            ItemFate::Rejected(rejected) => rejected.fate,
        }
    }
}

/// A batch of which nothing was accepted.
pub fn all_rejected(batch: &BatchFate) -> Problem {
    let first = batch.events.iter().find_map(|item| match item {
        ItemFate::Rejected(rejected) => Some(rejected.reason.as_str()),
        ItemFate::Accepted(_) => None,
    });
    let detail = format!(
        "none of {} is an event; the first: {}",
        batch.rejected,
        first.unwrap_or("the batch is empty")
    );
    Problem::new(axum::http::StatusCode::BAD_REQUEST, "invalid-event", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_survives_every_character() {
        let identity = Identity { id: "a/b c?&%\u{e9}".into(), source: "https://shop/x#1".into() };
        assert_eq!(identity.link(), "/events/a%2Fb%20c%3F%26%25%C3%A9?source=https%3A%2F%2Fshop%2Fx%231");
    }
}
