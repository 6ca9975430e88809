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
    if has_the_form_of_a_time(value) && value.parse::<jiff::Timestamp>().is_ok() {
        return Ok(());
    }
    Err(problem(name, format!("not an RFC 3339 time: {value:?}; write 2026-01-31T12:00:00Z")))
}

/// The grammar of RFC 3339. A parser of times takes more than it, such as a time without seconds, which
/// other readers of the event would refuse.
fn has_the_form_of_a_time(value: &str) -> bool {
    let has_form = |text: &[u8], form: &[u8]| {
        let fits = |(byte, form): (&u8, &u8)| match form {
            b'0' => byte.is_ascii_digit(),
            b'T' => matches!(byte, b'T' | b't' | b' '),
            b'+' => matches!(byte, b'+' | b'-'),
            other => byte == other,
        };
        text.len() == form.len() && text.iter().zip(form).all(fits)
    };
    let Some((to_seconds, rest)) = value.as_bytes().split_at_checked("0000-00-00T00:00:00".len()) else {
        return false;
    };
    let after_point = rest.strip_prefix(b".").unwrap_or(rest);
    let digits = after_point.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let offset = &after_point[digits..];
    has_form(to_seconds, b"0000-00-00T00:00:00")
        && (rest.starts_with(b".") == (digits > 0))
        && (matches!(offset, b"Z" | b"z") || has_form(offset, b"+00:00"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_one_of_rfc_3339_and_nothing_more() {
        for time in [
            "2018-04-05T03:56:24Z",
            "2018-04-05t03:56:24z",
            "2018-04-05 03:56:24.5Z",
            "2018-04-05T03:56:24.123456789+05:30",
            "2016-12-31T23:59:60Z",
            "2018-04-05T03:56:24-00:00",
        ] {
            assert_eq!(check_time("time", time), Ok(()), "{time}");
        }
        for time in [
            "2018-04-05",
            "2018-04-05T03:56Z",
            "2018-04-05T03:56:24",
            "2018-04-05T03:56:24.Z",
            "2018-04-05T03:56:24,5Z",
            "2018-04-05T03:56:24+01",
            "2018-04-05T03:56:24+0100",
            "2018-04-05T03:56:24+01:00:30",
            "2018-04-05T03:56:24Z[UTC]",
            "20180405T035624Z",
            "+002018-04-05T03:56:24Z",
            "2018-02-30T03:56:24Z",
            "2018-04-05T24:00:01Z",
            "",
        ] {
            assert!(check_time("time", time).is_err(), "{time}");
        }
    }
}
