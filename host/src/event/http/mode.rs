//! Which of the binding's modes a request is in: its content type says, or its headers.

/// How the event stands in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The body is one event as JSON.
    Structured,
    /// The body is a JSON array of events.
    Batched,
    /// The attributes are headers, the body is the data.
    Binary,
    /// The body is data alone; the query names its type.
    Bare,
}

/// The content type is none that an event can come in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "content type {given}; send application/cloudevents+json, application/cloudevents-batch+json, ce- \
     headers, or application/json with ?type="
)]
pub struct UnknownMode {
    pub given: String,
}

impl Mode {
    /// # Errors
    /// When neither content type nor headers make a mode of the binding.
    pub fn of(content_type: Option<&str>, has_ce_headers: bool) -> Result<Self, UnknownMode> {
        let media_type = media_type_of(content_type.unwrap_or_default());
        let unknown = || UnknownMode { given: content_type.unwrap_or("is missing").to_owned() };
        if media_type.starts_with("application/cloudevents") && !is_utf8(content_type.unwrap_or_default()) {
            return Err(unknown());
        }
        match &*media_type {
            "application/cloudevents+json" | "application/cloudevents" => Ok(Mode::Structured),
            "application/cloudevents-batch+json" | "application/cloudevents-batch" => Ok(Mode::Batched),
            other if other.starts_with("application/cloudevents") => Err(unknown()),
            _ if has_ce_headers => Ok(Mode::Binary),
            "application/json" => Ok(Mode::Bare),
            _ => Err(unknown()),
        }
    }
}

/// The type without its parameters, in lower case.
pub fn media_type_of(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether the text is UTF-8: named so, or not named, which means the same for JSON.
pub fn is_utf8(content_type: &str) -> bool {
    let parameters = content_type.split(';').skip(1).map(|part| part.trim().to_ascii_lowercase());
    let charsets = parameters.filter_map(|part| part.strip_prefix("charset=").map(str::to_owned));
    charsets.into_iter().all(|charset| matches!(charset.trim_matches('"'), "utf-8" | "utf8" | "us-ascii"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_type_and_headers_make_the_mode() {
        let cases = [
            (Some("application/cloudevents+json"), false, Ok(Mode::Structured)),
            (Some("application/cloudevents+json; charset=UTF-8"), true, Ok(Mode::Structured)),
            (Some("Application/CloudEvents-Batch+JSON"), false, Ok(Mode::Batched)),
            (Some("application/json"), true, Ok(Mode::Binary)),
            (None, true, Ok(Mode::Binary)),
            (Some("application/json; charset=utf-8"), false, Ok(Mode::Bare)),
            (Some("application/cloudevents+avro"), true, Err("application/cloudevents+avro")),
            (Some("application/cloudevents+json; charset=latin1"), false, Err("charset=latin1")),
            (Some("text/plain"), false, Err("text/plain")),
            (None, false, Err("is missing")),
        ];
        for (content_type, has_ce_headers, expected) in cases {
            let mode = Mode::of(content_type, has_ce_headers);
            match expected {
                Ok(expected) => assert_eq!(mode, Ok(expected), "{content_type:?}"),
                Err(part) => assert!(mode.unwrap_err().to_string().contains(part), "{content_type:?}"),
            }
        }
    }
}
