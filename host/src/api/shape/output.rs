//! A handler's output within a JSON object.

use std::io;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::store::StoredOutput;

/// JSON as it is, bytes as base64 under a name of their own.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutputJson {
    /// What the handler answered, if that was JSON.
    #[schema(value_type = Option<serde_json::Value>, required = true)]
    output: Option<Box<RawValue>>,
    /// What it answered, if that was bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    output_base64: Option<String>,
}

impl OutputJson {
    /// # Errors
    /// When the stored text is not JSON, which the store never holds.
    pub fn of(output: &StoredOutput) -> io::Result<Self> {
        Ok(match output {
            StoredOutput::None => OutputJson { output: None, output_base64: None },
            StoredOutput::Json(text) => OutputJson { output: Some(raw_json(text)?), output_base64: None },
            StoredOutput::Bytes(bytes) => {
                OutputJson { output: None, output_base64: Some(BASE64_STANDARD.encode(bytes)) }
            }
        })
    }
}

/// Stored JSON text, to be embedded as it is: big integers and the order of keys survive.
///
/// # Errors
/// When the text is not JSON, which the store never holds.
pub fn raw_json(text: &str) -> io::Result<Box<RawValue>> {
    // Within strings line ends are escaped, so those that stand bare only lay the text out.
    let line = text.replace(['\n', '\r'], " ");
    RawValue::from_string(line).map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_is_laid_out_becomes_one_line_and_keeps_its_figures() {
        let raw = raw_json("{\n  \"z\": 12345678901234567890123,\r\n \"a\": 1.50}").unwrap();
        assert_eq!(raw.get(), r#"{   "z": 12345678901234567890123,   "a": 1.50}"#);
    }
}
