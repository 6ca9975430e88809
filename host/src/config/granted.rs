//! Granted values: where each is said to come from, and what stands there. And granted origins, as they are
//! written.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use crate::grants::{Access, BYTES_MAX, Environment, Http, Method, NotGranted, Secret, Value};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueSource {
    /// It is what was written, and no secret.
    Written(String),
    /// A secret in an environment variable of this process.
    Variable(String),
    /// A secret in a file, without the end of its line.
    File(PathBuf),
}

/// Why a value cannot be granted. Never tells the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    #[error("the secret {name} is to come from the environment variable {variable}, which {reason}")]
    Variable { name: String, variable: String, reason: &'static str },
    #[error("the secret {name} is to come from the file {}, which {reason}", path.display())]
    File { name: String, path: PathBuf, reason: String },
    #[error(transparent)]
    NotGranted(#[from] NotGranted),
}

/// Grants what is to be had from each source.
///
/// # Errors
/// Names what cannot be granted, where it was to come from, and what would do.
pub fn environment(
    values: impl IntoIterator<Item = (String, ValueSource)>,
) -> Result<Environment, GrantError> {
    let mut environment = Environment::default();
    for (name, source) in values {
        let value = match source {
            ValueSource::Written(text) => Value::Plain(text),
            ValueSource::Variable(variable) => Value::Secret(of_variable(&name, variable)?),
            ValueSource::File(path) => Value::Secret(of_file(&name, path)?),
        };
        environment.grant(&name, value)?;
    }
    Ok(environment)
}

/// An origin that may be called, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginGrant {
    pub origin: String,
    /// `None`: GET alone.
    pub methods: Option<Vec<String>>,
    pub private: bool,
}

/// Grants what is written.
///
/// # Errors
/// Names what is no origin or no method, and what would do.
pub fn http(written: impl IntoIterator<Item = OriginGrant>) -> Result<Http, GrantError> {
    let mut http = Http::default();
    for OriginGrant { origin, methods, private } in written {
        let methods = match methods {
            Some(methods) => methods.iter().map(|method| method.parse()).collect::<Result<_, _>>()?,
            None => [Method::Get].into(),
        };
        http.grant(origin.parse()?, Access { methods, private })?;
    }
    Ok(http)
}

fn of_variable(name: &str, variable: String) -> Result<Secret, GrantError> {
    let reason = match std::env::var_os(&variable).map(std::ffi::OsString::into_string) {
        Some(Ok(text)) => return Ok(Secret::new(text)),
        Some(Err(_)) => "is not UTF-8; encode it in base64, say",
        None => "is not set; set it before the start",
    };
    Err(GrantError::Variable { name: name.to_owned(), variable, reason })
}

fn of_file(name: &str, path: PathBuf) -> Result<Secret, GrantError> {
    match text_of(&path) {
        Ok(text) => Ok(Secret::new(text)),
        Err(reason) => Err(GrantError::File { name: name.to_owned(), path, reason }),
    }
}

fn text_of(path: &std::path::Path) -> Result<String, String> {
    let unreadable = |e: std::io::Error| format!("cannot be read: {e}; name a file with the secret alone");
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > BYTES_MAX {
        return Err(format!(
            "is larger than the limit of {BYTES_MAX} bytes; name a file with the secret alone"
        ));
    }
    let mut text = String::from_utf8(bytes).map_err(|_| "is not UTF-8; encode it in base64, say")?;
    for end in ['\n', '\r'] {
        if text.ends_with(end) {
            text.pop();
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: ValueSource) -> Result<String, String> {
        let environment = environment([("KEY".to_owned(), source)]).map_err(|e| e.to_string())?;
        Ok(environment.get("KEY").unwrap().to_owned())
    }

    fn of_file(bytes: impl AsRef<[u8]>) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, bytes).unwrap();
        of(ValueSource::File(path))
    }

    #[test]
    fn one_end_of_line_is_no_part_of_a_secret() {
        for (bytes, text) in [
            ("bird", "bird"),
            ("bird\n", "bird"),
            ("bird\r\n", "bird"),
            ("bird\n\n", "bird\n"),
            (" bird \n", " bird "),
            ("\n", ""),
        ] {
            assert_eq!(of_file(bytes).as_deref(), Ok(text), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_not_to_be_had_is_named_with_its_place_and_a_cure() {
        let variable = of(ValueSource::Variable("EVQ_NOWHERE".into())).unwrap_err();
        assert_eq!(
            variable,
            "the secret KEY is to come from the environment variable EVQ_NOWHERE, which is not set; set it \
             before the start"
        );
        let file = of(ValueSource::File("/nowhere/key".into())).unwrap_err();
        assert!(file.contains("/nowhere/key, which cannot be read: No such file"), "{file}");
        assert!(of_file([0xff]).unwrap_err().contains("not UTF-8; encode it"));
        let large = of_file("bird".repeat(BYTES_MAX)).unwrap_err();
        assert!(large.contains("larger than the limit of 65536 bytes") && !large.contains("bird"), "{large}");
    }

    #[test]
    fn a_name_stands_once_whatever_its_sources_are() {
        let twice = [ValueSource::Written("a".into()), ValueSource::Variable("PATH".into())];
        let granted = environment(twice.map(|source| ("KEY".to_owned(), source)));
        assert_eq!(granted.unwrap_err().to_string(), "KEY is granted twice; leave one of them out");
    }
}
