//! Counts the words of an event's data.text.

use serde::{Deserialize, Serialize};
use wasm_evq_guest::{Error, Event, handler};

#[derive(Deserialize)]
struct Message {
    text: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Count {
    words: usize,
}

#[handler]
fn handle(event: Event<Message>) -> Result<Count, Error> {
    // No retry can mend it: the event is dead at once. An error passed on by `?` would be retried.
    let message = event.into_data().map_err(|reason| Error::permanent(reason.to_string()))?;
    let words = message.text.split_whitespace().count();
    Ok(Count { words })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_evq_guest::json;
    use wasm_evq_guest::testing::{self, Verdict};

    #[test]
    fn words_are_counted() {
        let outcome =
            testing::event("com.example.message.written").data(json!({"text": " two\nwords "})).run(handle);
        assert_eq!(outcome.output_as::<Count>(), Count { words: 2 });
    }

    #[test]
    fn data_without_text_is_never_retried() {
        let outcome =
            testing::event("com.example.message.written").data(json!({"title": "none"})).run(handle);
        assert_eq!(outcome.verdict(), Verdict::Permanent);
    }
}
