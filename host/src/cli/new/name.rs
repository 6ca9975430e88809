//! The name of a handler, which is also its folder's and its module's.

use super::NewError;
use super::language::Language;

pub const NAME_BYTES_MAX: usize = 64;

/// Names that match the pattern, but with which cargo or rustc would refuse or confuse the crate.
const RESERVED: [&str; 44] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "wasm-evq-guest",
];

/// A name that cargo, npm and go take, that is a folder here and not a path to elsewhere.
#[derive(Debug)]
pub struct HandlerName(String);

impl HandlerName {
    pub fn parse(name: &str, language: Language) -> Result<Self, NewError> {
        let begins_with_letter = name.starts_with(|first: char| first.is_ascii_lowercase());
        let holds_only_allowed =
            name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
        if !begins_with_letter || !holds_only_allowed || name.len() > NAME_BYTES_MAX {
            return Err(NewError::BadName { name: name.to_owned() });
        }
        if language == Language::Rust && RESERVED.contains(&name) {
            return Err(NewError::ReservedName { name: name.to_owned() });
        }
        Ok(Self(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_pass() {
        for name in ["shout", "a", "git-hub_2", &"x".repeat(NAME_BYTES_MAX)] {
            assert_eq!(HandlerName::parse(name, Language::Rust).unwrap().as_str(), name);
        }
    }

    #[test]
    fn others_are_told_the_rule() {
        for name in ["", "Shout", "2shout", "-x", "a b", "../x", "a/b", "é", &"x".repeat(NAME_BYTES_MAX + 1)]
        {
            let refused = HandlerName::parse(name, Language::C).unwrap_err();
            assert!(refused.to_string().contains("beginning with a letter"), "{refused}");
        }
    }

    #[test]
    fn rusts_own_words_are_refused_in_rust_alone() {
        let parse = |language| HandlerName::parse("match", language);
        assert!(matches!(parse(Language::Rust), Err(NewError::ReservedName { .. })));
        assert!(parse(Language::Go).is_ok());
    }
}
