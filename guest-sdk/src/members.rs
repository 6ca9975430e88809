//! A JSON object's members, found without reading what is in them.
//!
//! The host has parsed the event before it took it in, so nothing is checked here that is not needed
//! to find where a value ends. That makes passing over the data several times cheaper than a JSON
//! parser would be; the handler's own type is then read by one. Text that is not JSON after all
//! gives `None` or a nonsense value, never a panic.

/// Walks over the text of an object: a name, then its value, and so on.
pub(crate) struct Members {
    text: &'static str,
    at: usize,
}

/// A value that is no object and no list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Simple {
    /// What a JSON string means. Without an escape it is borrowed from the text; with one it is a copy
    /// that is kept as long.
    Text(&'static str),
    /// A number, `true`, `false` or `null`, as it is written.
    Word(&'static str),
}

impl Members {
    /// Enters the object.
    pub(crate) fn of(text: &'static str) -> Option<Self> {
        let mut members = Members { text, at: 0 };
        members.pass(b'{').then_some(members)
    }

    /// The next member's name; `Some(None)` after the last.
    pub(crate) fn name(&mut self) -> Option<Option<&'static str>> {
        if self.pass(b'}') {
            return Some(None);
        }
        // A comma stands before every member but the first; the host has seen to it.
        self.pass(b',');
        self.skip_space();
        let name = self.string()?;
        self.pass(b':').then_some(Some(name))
    }

    /// The value that comes next, if it is a simple one.
    pub(crate) fn simple(&mut self) -> Option<Simple> {
        self.skip_space();
        match self.peek()? {
            b'"' => self.string().map(Simple::Text),
            _ => self.raw().map(Simple::Word),
        }
    }

    /// The value that comes next, as it is written.
    pub(crate) fn raw(&mut self) -> Option<&'static str> {
        self.skip_space();
        let start = self.at;
        match self.peek()? {
            b'"' => {
                self.skip_string()?;
            }
            b'{' | b'[' => self.skip_nested()?,
            _ => self.skip_word(),
        }
        self.text.get(start..self.at)
    }

    fn string(&mut self) -> Option<&'static str> {
        let start = self.at;
        if self.peek()? != b'"' {
            return None;
        }
        if self.skip_string()? {
            let unescaped: String = serde_json::from_str(self.text.get(start..self.at)?).ok()?;
            Some(unescaped.leak())
        } else {
            self.text.get(start + 1..self.at - 1)
        }
    }

    /// Passes over a string; says whether an escape is in it.
    fn skip_string(&mut self) -> Option<bool> {
        let mut at = self.at + 1;
        let mut has_escape = false;
        loop {
            let rest = self.text.as_bytes().get(at..)?;
            let found = quote_or_backslash(rest)?;
            if rest[found] == b'"' {
                self.at = at + found + 1;
                return Some(has_escape);
            }
            has_escape = true;
            at += found + 2;
        }
    }

    fn skip_nested(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            let byte = self.peek()?;
            if byte == b'"' {
                self.skip_string()?;
                continue;
            }
            self.at += 1;
            // Digits, commas and the like come before the brackets: one comparison for most bytes.
            if byte >= b'[' {
                match byte {
                    b'[' | b'{' => depth += 1,
                    b']' | b'}' => depth -= 1,
                    _ => continue,
                }
                if depth == 0 {
                    return Some(());
                }
            }
        }
    }

    fn skip_word(&mut self) {
        while self.peek().is_some_and(|byte| !matches!(byte, b',' | b'}' | b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Passes over `byte` if it is what comes next.
    fn pass(&mut self, byte: u8) -> bool {
        self.skip_space();
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

/// Where the first quote or backslash is. Looks at eight bytes at a time: most of an event is text.
fn quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..at + 8).and_then(|chunk| <[u8; 8]>::try_from(chunk).ok()) {
        let word = u64::from_le_bytes(chunk);
        let found = zero_bytes(word ^ repeated(b'"')) | zero_bytes(word ^ repeated(b'\\'));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).map(|found| at + found)
}

/// The highest bit of every byte that is zero. Bytes above the first such byte may be marked wrongly.
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(repeated(0x01)) & !word & repeated(0x80)
}

const fn repeated(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use super::{Members, Simple, quote_or_backslash};

    fn all(text: &'static str) -> Option<Vec<(&'static str, &'static str)>> {
        let mut members = Members::of(text)?;
        let mut found = Vec::new();
        while let Some(name) = members.name()? {
            found.push((name, members.raw()?));
        }
        Some(found)
    }

    fn simple(json: &'static str) -> Option<Simple> {
        Members { text: json, at: 0 }.simple()
    }

    #[test]
    fn values_come_as_they_are_written() {
        let text = r#" { "a" : 1.50 , "b":"x}\"\\", "c": {"d":[1,"]",{}]} ,"e":[ ],"f":null,"g":true} "#;
        let expected = [
            ("a", "1.50"),
            ("b", r#""x}\"\\""#),
            ("c", r#"{"d":[1,"]",{}]}"#),
            ("e", "[ ]"),
            ("f", "null"),
            ("g", "true"),
        ];
        assert_eq!(all(text).as_deref(), Some(&expected[..]));
        assert_eq!(all("{}"), Some(vec![]));
    }

    #[test]
    fn names_and_strings_are_unescaped() {
        assert_eq!(all(r#"{"\u0061\"é":"ü"}"#), Some(vec![("a\"é", "\"ü\"")]));
        assert_eq!(simple(r#""\ud83d\ude00é" "#), Some(Simple::Text("😀é")));
        assert_eq!(simple(" \"\""), Some(Simple::Text("")));
        assert_eq!(simple("7,"), Some(Simple::Word("7")));
        assert_eq!(simple("\""), None);
    }

    #[test]
    fn text_that_ends_too_early_gives_nothing() {
        let text = r#"{"a":"x\\","b":{"c":[1,2]},"d":tru,"é":"ü"}"#;
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            assert_eq!(all(&text[..end]), None, "{:?}", &text[..end]);
        }
        for nonsense in ["[]", "x", "{a:1}", "{\"a\"}", "{\"a\\", "{]}", "{\"a\":\"\\"] {
            assert_eq!(all(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn the_first_quote_or_backslash_is_found_at_every_place() {
        for len in 0..40 {
            let mut bytes = vec![b'!'; len];
            assert_eq!(quote_or_backslash(&bytes), None);
            for at in (0..len).rev() {
                // What follows a match, or differs from one by a bit, must not matter.
                bytes[at] = if at % 2 == 0 { b'"' } else { b'\\' };
                assert_eq!(quote_or_backslash(&bytes), Some(at));
                bytes[at] ^= 1;
                assert_eq!(quote_or_backslash(&bytes), None, "{bytes:?}");
            }
        }
    }
}
