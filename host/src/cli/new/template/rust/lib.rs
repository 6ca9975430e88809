//! Says what was written, louder.

use serde::{Deserialize, Serialize};
use wasm_evq_guest::{Error, Event, handler};

/// What the sender put into the event's `data`.
#[derive(Deserialize)]
struct Message {
    text: String,
}

/// What is stored as the result: one row for each event.
#[derive(Debug, Serialize, Deserialize, PartialEq)]
struct Shout {
    text: String,
}

/// Runs in a fresh Wasm instance for every event. It sees the event and nothing else.
#[handler]
fn handle(event: Event<Message>) -> Result<Shout, Error> {
    let message = event.data()?;
    if message.text.is_empty() {
        // No retry can mend this, so the event is dead at once. Other errors (`?`) are retried.
        return Err(Error::permanent("nothing to shout: data.text is empty"));
    }
    Ok(Shout {
        text: message.text.to_uppercase(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_evq_guest::json;
    use wasm_evq_guest::testing::{self, Verdict};

    #[test]
    fn text_comes_back_in_capitals() {
        let outcome = testing::event("com.example.message.written")
            .data(json!({"text": "hello"}))
            .run(handle);
        assert_eq!(
            outcome.output_as::<Shout>(),
            Shout {
                text: "HELLO".to_owned()
            }
        );
    }

    #[test]
    fn empty_text_is_never_retried() {
        let outcome = testing::event("com.example.message.written")
            .data(json!({"text": ""}))
            .run(handle);
        assert_eq!(outcome.verdict(), Verdict::Permanent);
    }
}
