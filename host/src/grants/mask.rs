//! Secrets taken out of what is to be recorded: each is looked for as it is, and in the ways in which it goes
//! into URLs, JSON and base64.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use memchr::memmem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Grants, Secret, Value};

/// Shorter pieces of base64 are everywhere by chance.
const BASE64_CHARS_MIN: usize = 4;

/// What URLs may have as it is.
const NOT_IN_URLS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What stands for a whole part that would grow beyond its bound.
const WHOLE: &str = "(secret)";

/// The spellings of all secrets of a handler, the longest first, each with what is put in its place.
#[derive(Default)]
pub struct Mask(Vec<(Vec<u8>, String)>);

impl Mask {
    pub fn of(grants: &Grants) -> Self {
        let mut found = Vec::new();
        for (name, value) in &grants.environment.0 {
            let Value::Secret(Secret(text)) = value else { continue };
            let shown = format!("(secret {name})");
            found.extend(spellings(text).into_iter().map(|spelling| (spelling, shown.clone())));
        }
        found.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        Mask(found)
    }

    /// Nothing to be taken out.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `bytes` without secrets; `bytes_max` is what comes out at most.
    pub fn bytes(&self, bytes: Vec<u8>, bytes_max: u64) -> Vec<u8> {
        let mut masked = bytes;
        for (spelling, shown) in &self.0 {
            let places: Vec<usize> = memmem::find_iter(&masked, spelling).collect();
            if places.is_empty() {
                continue;
            }
            let grown =
                masked.len() - places.len() * spelling.len() + places.len().saturating_mul(shown.len());
            if grown as u64 > bytes_max {
                return WHOLE.into();
            }
            masked = replaced(&masked, &places, spelling.len(), shown.as_bytes());
        }
        masked
    }

    /// As [`Mask::bytes`], of text.
    pub fn text(&self, text: String, bytes_max: u64) -> String {
        match self.is_empty() {
            true => text,
            // A spelling of text is text, so nothing is cut within a character.
            false => String::from_utf8_lossy(&self.bytes(text.into_bytes(), bytes_max)).into_owned(),
        }
    }
}

fn replaced(bytes: &[u8], places: &[usize], len: usize, by: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut next = 0;
    for place in places {
        out.extend_from_slice(&bytes[next..*place]);
        out.extend_from_slice(by);
        next = place + len;
    }
    out.extend_from_slice(&bytes[next..]);
    out
}

fn spellings(secret: &str) -> Vec<Vec<u8>> {
    if secret.is_empty() {
        return Vec::new();
    }
    let json = serde_json::Value::from(secret).to_string();
    let url = utf8_percent_encode(secret, NOT_IN_URLS).to_string();
    let form = url.replace("%20", "+");
    let in_json = json[1..json.len() - 1].to_owned();
    let mut all: Vec<String> = vec![secret.to_owned(), in_json, url, form];
    all.extend((0..3).flat_map(|offset| in_base64(secret.as_bytes(), offset)));
    all.sort();
    all.dedup();
    all.into_iter().map(String::into_bytes).collect()
}

/// What is the same in the base64 of every text that has the secret so many bytes, modulo 3, from its
/// beginning: `user:secret` of Basic authentication is one. The characters at both ends tell of its neighbours,
/// too, and are left out.
fn in_base64(secret: &[u8], offset: usize) -> Vec<String> {
    let padded = [&[0; 2][..offset], secret].concat();
    let (first, end) = ((offset * 8).div_ceil(6), padded.len() * 8 / 6);
    let codes = [BASE64_STANDARD_NO_PAD.encode(&padded), BASE64_URL_SAFE_NO_PAD.encode(&padded)];
    let inner = codes.into_iter().filter_map(|code| code.get(first..end).map(str::to_owned));
    inner.filter(|inner| inner.len() >= BASE64_CHARS_MIN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(secret: &str, text: &str) -> String {
        let mut grants = Grants::default();
        grants.environment.grant("KEY", Value::Secret(Secret::new(secret.into()))).unwrap();
        Mask::of(&grants).text(text.into(), 1000)
    }

    #[test]
    fn a_secret_is_taken_out_wherever_it_stands() {
        assert_eq!(masked("bird", "birdbird and a bird"), "(secret KEY)(secret KEY) and a (secret KEY)");
        assert_eq!(masked("a\"b", r#"{"key":"a\"b"}"#), r#"{"key":"(secret KEY)"}"#);
        assert_eq!(masked("a b/c", "?key=a%20b%2Fc&key=a+b%2Fc"), "?key=(secret KEY)&key=(secret KEY)");
        assert_eq!(masked("bird", "fish"), "fish");
        assert_eq!(masked("", "fish"), "fish");
    }

    #[test]
    fn a_secret_in_base64_is_taken_out_whatever_stands_before_and_behind_it() {
        for before in ["", "a", "ab", "user:"] {
            for behind in ["", "a", "ab", "abc"] {
                let text = BASE64_STANDARD_NO_PAD.encode(format!("{before}yellow-bird{behind}"));
                let masked = masked("yellow-bird", &text);
                assert!(masked.contains("(secret KEY)"), "{before:?} {behind:?} {masked}");
                assert!(masked.len() - "(secret KEY)".len() <= 13, "{masked}");
            }
        }
    }

    #[test]
    fn a_part_that_would_outgrow_its_bound_is_taken_out_as_a_whole() {
        assert_eq!(masked("a", &"a".repeat(999)), "(secret)");
        assert_eq!(masked("a", &"a".repeat(10)), "(secret KEY)".repeat(10));
    }
}
