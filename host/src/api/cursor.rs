//! Where a page ended, as text: nobody's business but ours, and read back strictly.

use super::problem::Problem;
use crate::store::{EventSeq, HandlerId, ResultKey};

pub fn write(key: ResultKey) -> String {
    format!("{}-{}", key.event.0, key.handler.0)
}

/// # Errors
/// When the text was not written here.
pub fn read(text: &str) -> Result<ResultKey, Problem> {
    key_of(text).ok_or_else(|| Problem::invalid_request("after is no `next` of an earlier page"))
}

/// # Errors
/// When the text was not written by us.
pub fn read_event(text: &str) -> Result<EventSeq, Problem> {
    let number = number_of(text);
    number.map(EventSeq).ok_or_else(|| Problem::invalid_request("after is no `next` of an earlier page"))
}

fn key_of(text: &str) -> Option<ResultKey> {
    let (event, handler) = text.split_once('-')?;
    Some(ResultKey { event: EventSeq(number_of(event)?), handler: HandlerId(number_of(handler)?) })
}

/// Digits alone: `parse` would take a sign.
fn number_of(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is() {
        let key = ResultKey { event: EventSeq(1_000_000), handler: HandlerId(3) };
        assert_eq!(read(&write(key)), Ok(key));
        for text in ["", "-", "1-", "-3", "1-3-", "1--3", "+1-3", "99999999999999999999-1"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
