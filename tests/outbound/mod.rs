//! Requests that handlers send: what is granted goes out, is recorded, and is never sent again by a second run.

mod bounds;
mod components;
mod granted;
mod recorded;
mod secrets;
mod server;

use serde_json::{Value, json};

use crate::support::{Dir, Evq, Output, evq};

/// A handler that sends what its event lists.
fn asks() -> String {
    crate::kinds::kind("asks")
}

/// An event that lists requests.
fn asking(id: u32, requests: Value) -> String {
    json!({ "specversion": "1.0", "id": id.to_string(), "source": "/test", "type": "test", "data": requests })
        .to_string()
}

fn get(url: &str) -> Value {
    json!({ "method": "GET", "url": url })
}

/// Runs events through the handler with these grants.
fn run(dir: &Dir, options: &[&str], events: &[String]) -> Output {
    with_options(options, events).in_(dir).assert_code(0)
}

/// As [`run`], where an event ends dead.
fn run_in_vain(dir: &Dir, options: &[&str], events: &[String]) -> Output {
    with_options(options, events).in_(dir).assert_code(1)
}

fn with_options(options: &[&str], events: &[String]) -> Evq {
    evq(["run", &asks(), "--name", "h", "--quiet"]).args(options).stdin(events.join("\n"))
}

/// What an event's requests came to.
#[track_caller]
fn told(dir: &Dir, id: u32) -> Value {
    let output = dir.sql(&format!("SELECT coalesce(output, error) FROM results WHERE event_id = '{id}'"));
    serde_json::from_str(&output).unwrap_or(Value::String(output))
}

fn answered(status: u16, body: &str) -> Value {
    json!({ "status": status, "body": body })
}

fn failed(code: &str) -> Value {
    json!({ "error": code })
}

#[track_caller]
fn report(output: &Output) -> Value {
    output.json_lines().pop().expect("a report")
}
