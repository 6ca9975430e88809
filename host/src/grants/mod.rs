//! What a handler is given beside its events: nothing, unless the operator grants it.

mod http;
mod mask;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use http::{Access, Http, Method, Origin};
pub use mask::Mask;

/// Names that one handler may be granted.
pub const NAMES_MAX: usize = 100;

/// The names and values of one handler together.
pub const BYTES_MAX: usize = 64 * 1024;

/// All that a handler is granted.
#[derive(Debug, Clone, Default)]
pub struct Grants {
    pub environment: Environment,
    pub http: Http,
}

/// Values by name.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, Value>);

#[derive(Debug, Clone)]
pub enum Value {
    Plain(String),
    Secret(Secret),
}

/// A text that only its handler may see. It is shown and recorded nowhere, so this is no `Display` and no
/// `Serialize`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: String) -> Self {
        Secret(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl Value {
    fn text(&self) -> &str {
        match self {
            Value::Plain(text) | Value::Secret(Secret(text)) => text,
        }
    }
}

/// Why a value is not granted. Never tells the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotGranted {
    #[error("{name:?} is no name for a value; it must be letters, digits and _, and not begin with a digit")]
    BadName { name: String },
    #[error("{name} is granted twice; leave one of them out")]
    Twice { name: String },
    #[error(
        "the value of {name} has a NUL character, which programs take for its end; encode it in base64, say"
    )]
    HasNul { name: String },
    #[error(
        "more than {NAMES_MAX} names are granted to one handler; put several values into one, as JSON, say"
    )]
    TooMany,
    #[error(
        "the granted names and values have {bytes} bytes together, the limit is {BYTES_MAX}; give a part by the events"
    )]
    TooLarge { bytes: usize },
    #[error(
        "{origin:?} is no origin to call: {reason}; write a scheme, a host, and a port if it is not the usual \
         one, such as https://api.example.com"
    )]
    BadOrigin { origin: String, reason: &'static str },
    #[error("{method:?} is no method that can be granted; {}", cure_of_method(method))]
    BadMethod { method: String },
    #[error("the origin {origin} is granted without a method; name one, or leave the list out for GET")]
    NoMethod { origin: Origin },
    #[error("the origin {origin} is granted twice; put its methods into one list")]
    OriginTwice { origin: Origin },
    #[error(
        "more than {} origins are granted to one handler; let it call one that calls the others",
        http::ORIGINS_MAX
    )]
    TooManyOrigins,
}

fn cure_of_method(method: &str) -> String {
    let all = Method::ALL.map(Method::as_str);
    let near = |known: &&str| strsim::damerau_levenshtein(known, &method.to_ascii_uppercase()) <= 2;
    match all.into_iter().find(near) {
        Some(meant) => format!("{meant} is one"),
        None => format!("there are {}", all.join(", ")),
    }
}

impl Environment {
    /// Grants one value more.
    ///
    /// # Errors
    /// When the name or the value does not fit, or it is one too many.
    pub fn grant(&mut self, name: &str, value: Value) -> Result<(), NotGranted> {
        let shown = || name.chars().take(80).collect();
        let bytes = self.len_bytes() + name.len() + value.text().len();
        if !is_name(name) {
            return Err(NotGranted::BadName { name: shown() });
        }
        if self.0.contains_key(name) {
            return Err(NotGranted::Twice { name: shown() });
        }
        if value.text().contains('\0') {
            return Err(NotGranted::HasNul { name: shown() });
        }
        if self.0.len() == NAMES_MAX {
            return Err(NotGranted::TooMany);
        }
        if bytes > BYTES_MAX {
            return Err(NotGranted::TooLarge { bytes });
        }
        self.0.insert(name.to_owned(), value);
        Ok(())
    }

    /// For the handler alone: the text of a value, be it a secret.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Value::text)
    }

    /// As [`Environment::get`], all of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.text()))
    }

    /// Names and values together.
    pub fn len_bytes(&self) -> usize {
        self.iter().map(|(name, text)| name.len() + text.len()).sum()
    }
}

fn is_name(name: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    name.bytes().all(is_part) && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

/// What is recorded of grants and may be shown: of secrets, that there were any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedGrants {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, RecordedValue>,
    #[serde(default, skip_serializing_if = "Http::is_empty")]
    pub http: Http,
}

/// In JSON `{"value":"..."}` or `"secret"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedValue {
    Value(String),
    Secret,
}

impl Grants {
    pub fn recorded(&self) -> RecordedGrants {
        let of = |value: &Value| match value {
            Value::Plain(text) => RecordedValue::Value(text.clone()),
            Value::Secret(_) => RecordedValue::Secret,
        };
        let environment = self.environment.0.iter().map(|(name, value)| (name.clone(), of(value)));
        RecordedGrants { environment: environment.collect(), http: self.http.clone() }
    }
}

impl RecordedGrants {
    /// The names of the secrets.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let is_secret = |value: &RecordedValue| *value == RecordedValue::Secret;
        self.environment.iter().filter(move |(_, value)| is_secret(value)).map(|(name, _)| name.as_str())
    }

    /// The same grants again, but for the secrets.
    pub fn without_secrets(&self) -> Grants {
        let plain = self.environment.iter().filter_map(|(name, value)| match value {
            RecordedValue::Value(text) => Some((name.clone(), Value::Plain(text.clone()))),
            RecordedValue::Secret => None,
        });
        Grants { environment: Environment(plain.collect()), http: self.http.clone() }
    }

    /// The same grants are always the same text: it is part of a module's identity.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("names and texts are always JSON")
    }

    /// # Errors
    /// When it is not the text of grants that this version of the program knows.
    pub fn from_json(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "yellow-bird";

    fn grants() -> Grants {
        let mut grants = Grants::default();
        let environment = &mut grants.environment;
        environment.grant("CURRENCY", Value::Plain("EUR".into())).unwrap();
        environment.grant("API_KEY", Value::Secret(Secret::new(CANARY.into()))).unwrap();
        grants
    }

    fn refusal(name: &str, text: &str) -> String {
        grants().environment.grant(name, Value::Secret(Secret::new(text.into()))).unwrap_err().to_string()
    }

    #[test]
    fn a_secret_is_seen_by_its_handler_and_in_nothing_that_is_made_of_it() {
        let grants = grants();
        assert_eq!(grants.environment.get("API_KEY"), Some(CANARY));
        assert_eq!(grants.environment.iter().collect::<Vec<_>>(), [("API_KEY", CANARY), ("CURRENCY", "EUR")]);
        let recorded = grants.recorded();
        for text in [
            format!("{grants:?}"),
            format!("{grants:#?}"),
            format!("{:?}", grants.environment.0["API_KEY"]),
            format!("{recorded:?}"),
            recorded.to_json(),
            format!("{:?}", recorded.without_secrets()),
            refusal("API_KEY", CANARY),
            refusal("1", CANARY),
            refusal("OTHER", &format!("{CANARY}\0")),
            refusal("OTHER", &CANARY.repeat(BYTES_MAX)),
        ] {
            assert!(!text.contains(CANARY), "{text}");
        }
        assert!(format!("{grants:?}").contains("EUR"), "what is no secret is shown: {grants:?}");
    }

    #[test]
    fn what_is_recorded_comes_back_from_its_text_without_the_secrets() {
        let recorded = grants().recorded();
        let text = r#"{"environment":{"API_KEY":"secret","CURRENCY":{"value":"EUR"}}}"#;
        assert_eq!(recorded.to_json(), text);
        assert_eq!(RecordedGrants::from_json(text).unwrap(), recorded);
        assert_eq!(recorded.secrets().collect::<Vec<_>>(), ["API_KEY"]);
        let again = recorded.without_secrets();
        assert_eq!(again.environment.iter().collect::<Vec<_>>(), [("CURRENCY", "EUR")]);
        assert_eq!(RecordedGrants::default().to_json(), "{}");
        assert!(RecordedGrants::from_json(r#"{"directories":{}}"#).is_err(), "a later version's grant");
    }

    #[test]
    fn names_and_values_are_bounded_and_what_is_wrong_is_told() {
        for name in ["", "1A", "A-B", "A=B", "A B", "Ä", "A\0"] {
            assert!(refusal(name, "").contains("is no name for a value"), "{name}");
        }
        assert_eq!(refusal("CURRENCY", ""), "CURRENCY is granted twice; leave one of them out");
        assert!(refusal("A", "a\0b").contains("NUL"));
        assert!(refusal("A", &"a".repeat(BYTES_MAX)).contains("65566 bytes together, the limit is 65536"));
        let mut grants = Grants::default();
        for n in 0..NAMES_MAX {
            grants.environment.grant(&format!("_{n}"), Value::Plain(String::new())).unwrap();
        }
        let one_more = grants.environment.grant("more", Value::Plain(String::new()));
        assert_eq!(one_more, Err(NotGranted::TooMany));
    }
}
