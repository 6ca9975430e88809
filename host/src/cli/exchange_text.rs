//! A request that a handler sent, and its answer, as lines for people.

use super::output::one_line;
use crate::event::{Exchange, HttpRequest};

/// Bytes of a body worth showing; `--json` has all of it.
const BODY_BYTES_SHOWN: usize = 500;

/// What was asked and what came, a line each; headers are left to `--json`.
pub fn lines_of(exchange: &Exchange) -> Vec<String> {
    let HttpRequest { method, url, body, .. } = &exchange.request;
    let answer = match &exchange.answer {
        Ok(response) => format!("status {}{}", response.status, body_text(&response.body)),
        Err(failure) => format!("{}: {}", failure.code.as_str(), one_line(&failure.message)),
    };
    vec![format!("{method} {}{}", one_line(url), body_text(body)), format!("  {answer}")]
}

fn body_text(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok("") => String::new(),
        Ok(text) => {
            let end = text.floor_char_boundary(BODY_BYTES_SHOWN);
            let more = if end < text.len() { "..." } else { "" };
            format!(", {}{more}", one_line(&text[..end]))
        }
        Err(_) => format!(", {} bytes, no text", body.len()),
    }
}
