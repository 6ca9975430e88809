//! The rules for one context attribute, from the CloudEvents 1.0 specification, section "Context
//! Attributes", plus a bound on every length.

use super::InvalidEvent;

/// Longest accepted `id`, `source`, `type` and extension value, in bytes. They stand in an index and
/// in every list, so they are bounded apart from the event's own size.
const ATTRIBUTE_BYTES_MAX: usize = 2048;

/// Checks a string attribute that must not be empty.
pub fn check_text(name: &str, value: &str) -> Result<(), InvalidEvent> {
    if value.is_empty() {
        return Err(problem(name, "empty; it needs at least one character"));
    }
    check_value(name, value)
}

/// Checks a string attribute that may be empty, such as an extension's.
pub fn check_value(name: &str, value: &str) -> Result<(), InvalidEvent> {
    if value.len() > ATTRIBUTE_BYTES_MAX {
        let bytes = value.len();
        return Err(problem(name, format!("{bytes} bytes long, the limit is {ATTRIBUTE_BYTES_MAX}")));
    }
    match value.chars().find(|c| is_forbidden(*c)) {
        Some(c) => Err(problem(name, format!("not allowed to hold the character U+{:04X}", u32::from(c)))),
        None => Ok(()),
    }
}

/// Checks `source` or `dataschema`: a URI reference holds no white space.
pub fn check_uri(name: &str, value: &str) -> Result<(), InvalidEvent> {
    check_text(name, value)?;
    if value.contains([' ', '<', '>', '"', '{', '}', '|', '\\', '^', '`']) {
        return Err(problem(
            name,
            format!("not a URI reference: {value:?} holds a character that must be percent-encoded"),
        ));
    }
    Ok(())
}

/// Checks `time`: RFC 3339.
pub fn check_time(name: &str, value: &str) -> Result<(), InvalidEvent> {
    match value.parse::<jiff::Timestamp>() {
        Ok(_) => Ok(()),
        Err(_) => Err(problem(name, format!("not an RFC 3339 time: {value:?}; write 2026-01-31T12:00:00Z"))),
    }
}

/// Checks the name of an extension attribute.
pub fn check_name(name: &str) -> Result<(), InvalidEvent> {
    let fits = !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if fits {
        return Ok(());
    }
    Err(problem(
        &name.chars().take(64).collect::<String>(),
        "no attribute name; names are 1 to 64 of a-z and 0-9 (is it part of `data`?)",
    ))
}

pub fn problem(name: &str, problem: impl Into<String>) -> InvalidEvent {
    InvalidEvent::Attribute { name: name.to_owned(), problem: problem.into() }
}

/// Control characters and Unicode non-characters, which the specification excludes from strings.
fn is_forbidden(c: char) -> bool {
    let code = u32::from(c);
    c.is_control() || code & 0xFFFE == 0xFFFE || (0xFDD0..=0xFDEF).contains(&code)
}
