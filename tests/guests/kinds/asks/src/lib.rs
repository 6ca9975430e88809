//! Sends the requests that its event lists, one after the other, and answers with what came of each.

use serde::Deserialize;
use wasm_evq_guest::http::{self, Request, Response};
use wasm_evq_guest::{Error, Event, Value, env, handler, json};

#[derive(Deserialize)]
struct Asked {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
    /// A body of so many bytes instead.
    #[serde(default)]
    body_bytes: usize,
    /// Whether a redirect is gone after.
    #[serde(default)]
    follow: bool,
    /// Whether the attempt fails when it has no good answer.
    #[serde(default)]
    must: bool,
}

#[handler]
fn handle(event: Event<Vec<Asked>>) -> Result<Vec<Value>, Error> {
    let mut told = Vec::new();
    for asked in event.data()? {
        let sent = send(asked);
        let location = match &sent {
            Ok(response) if asked.follow => response.header("location").map(str::to_owned),
            _ => None,
        };
        if asked.must {
            told.push(tell(Ok(sent?.success()?)));
        } else {
            told.push(tell(sent));
        }
        if let Some(location) = location {
            told.push(tell(Request::get(location).send()));
        }
    }
    Ok(told)
}

fn send(asked: &Asked) -> Result<Response, http::Error> {
    let body = match asked.body_bytes {
        0 => filled(&asked.body).into_bytes(),
        bytes => vec![b'x'; bytes],
    };
    let request = Request::new(&*asked.method, filled(&asked.url)).body(body);
    let headers = asked.headers.iter();
    headers.fold(request, |request, (name, value)| request.header(filled(name), filled(value))).send()
}

/// `{KEY}` is the granted value of that name.
fn filled(text: &str) -> String {
    text.replace("{KEY}", &env("KEY").unwrap_or_default())
}

fn tell(sent: Result<Response, http::Error>) -> Value {
    match sent {
        Ok(response) => {
            json!({ "status": response.status(), "body": String::from_utf8_lossy(response.body()) })
        }
        Err(error) => json!({ "error": error.code() }),
    }
}
