//! One header value into an attribute's text: HTTP binding, section "HTTP Header Values".

use crate::event::InvalidEvent;
use crate::event::attribute::problem;

/// Undoes a sender's quoting, then one round of percent-encoding.
///
/// # Errors
/// When what comes out is not UTF-8, or the value cannot have been encoded by the rules.
pub fn decode(name: &str, value: &[u8]) -> Result<String, InvalidEvent> {
    let unquoted = unquote(name, value.trim_ascii())?;
    let bytes = percent_decode(name, &unquoted)?;
    String::from_utf8(bytes).map_err(|_| problem(name, "not UTF-8 once it is percent-decoded"))
}

/// A quoted string of RFC 7230, which senders of older versions of the binding write.
fn unquote(name: &str, value: &[u8]) -> Result<Vec<u8>, InvalidEvent> {
    let Some(inside) = value.strip_prefix(b"\"") else { return Ok(value.to_vec()) };
    let open = || problem(name, "a quoted string without its end");
    let inside = inside.strip_suffix(b"\"").ok_or_else(open)?;
    let mut unquoted = Vec::with_capacity(inside.len());
    let mut bytes = inside.iter();
    while let Some(byte) = bytes.next() {
        unquoted.push(if *byte == b'\\' { *bytes.next().ok_or_else(open)? } else { *byte });
    }
    Ok(unquoted)
}

fn percent_decode(name: &str, value: &[u8]) -> Result<Vec<u8>, InvalidEvent> {
    let is_escape = |rest: &[u8]| rest.len() >= 3 && rest[1..3].iter().all(u8::is_ascii_hexdigit);
    let is_bare = |at: &usize| value[*at] == b'%' && !is_escape(&value[*at..]);
    if (0..value.len()).any(|at| is_bare(&at)) {
        return Err(problem(name, "badly percent-encoded; write a bare % as %25"));
    }
    Ok(percent_encoding::percent_decode(value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_as_the_binding_says() {
        let cases: [(&[u8], &str); 8] = [
            (b"plain", "plain"),
            (b"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro \u{20ac} \u{1f600}"),
            (b"%41bc", "Abc"),
            (b"%2520", "%20"),
            (br#""quoted \"text\" here""#, "quoted \"text\" here"),
            (br#""%22""#, "\""),
            ("\u{e9}".as_bytes(), "\u{e9}"),
            (b" padded\t", "padded"),
        ];
        for (value, expected) in cases {
            assert_eq!(decode("subject", value).as_deref(), Ok(expected), "{value:?}");
        }
    }

    #[test]
    fn what_no_sender_may_write_is_refused() {
        for (value, expected) in [
            (&b"%C0%A0"[..], "not UTF-8"),
            (b"50%", "write a bare % as %25"),
            (b"%zz", "write a bare % as %25"),
            (br#""open"#, "quoted string without its end"),
        ] {
            let refused = decode("subject", value).unwrap_err().to_string();
            assert!(refused.contains("`subject`") && refused.contains(expected), "{refused}");
        }
    }
}
