//! The smallest handler: an event comes in, a value goes out.

use wasm_evq_guest::{Event, handler};

#[handler]
fn handle(event: Event) -> String {
    format!("hello {}", event.subject().unwrap_or("world"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_evq_guest::testing;

    #[test]
    fn greets_the_subject() {
        assert_eq!(testing::event("greet").subject("Ada").run(handle).json(), "hello Ada");
    }

    #[test]
    fn greets_everybody_when_there_is_none() {
        assert_eq!(testing::event("greet").run(handle).json(), "hello world");
    }
}
