//! The HTTP features of the CloudEvents conformance suite, and what the binding says beside them.

use serde_json::{Value, json};

use crate::support::{Dir, Served, serve};

const EVENT: &str = r#"{
    "specversion": "1.0",
    "type": "com.example.someevent",
    "time": "2018-04-05T03:56:24Z",
    "id": "1234-1234-1234",
    "source": "/mycontext/subcontext",
    "datacontenttype": "application/json",
    "data": {
        "message": "Hello World!"
    }
}"#;

const HEADERS: [(&str, &str); 5] = [
    ("ce-specversion", "1.0"),
    ("ce-type", "com.example.someevent"),
    ("ce-time", "2018-04-05T03:56:24Z"),
    ("ce-id", "1234-1234-1234"),
    ("ce-source", "/mycontext/subcontext"),
];

/// The event as the server holds it.
#[track_caller]
fn received(served: &Served, accepted: &Value) -> Value {
    let shown = served.get(accepted["link"].as_str().unwrap()).assert_status(200).json();
    shown["events"][0]["event"].clone()
}

fn expected(content_type: &str) -> Value {
    json!({
        "id": "1234-1234-1234", "specversion": "1.0", "type": "com.example.someevent",
        "source": "/mycontext/subcontext", "time": "2018-04-05T03:56:24Z",
        "datacontenttype": content_type, "data": {"message": "Hello World!"},
    })
}

#[test]
fn binary_content_mode() {
    for content_type in ["application/json", "application/json; charset=utf-8"] {
        let dir = Dir::new();
        let served = serve(&dir, "echoes", &[]);
        let headers = [&HEADERS[..], &[("content-type", content_type)]].concat();
        let body = "{\n    \"message\": \"Hello World!\"\n}";
        let accepted = served.post("/events", &headers, body).assert_status(202).json();
        assert_eq!(received(&served, &accepted), expected(content_type));
    }
}

#[test]
fn structured_content_mode() {
    for content_type in ["application/cloudevents+json", "application/cloudevents+json; charset=utf-8"] {
        let dir = Dir::new();
        let served = serve(&dir, "echoes", &[]);
        let accepted = served.post("/events", &[("content-type", content_type)], EVENT);
        let accepted = accepted.assert_status(202).json();
        assert_eq!(received(&served, &accepted), expected("application/json"));
    }
}

#[test]
fn batched_content_mode() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let content_type = [("content-type", "application/cloudevents-batch+json")];
    let answer = served.post("/events", &content_type, format!("[{EVENT}]")).assert_status(202).json();
    assert_eq!(received(&served, &answer["events"][0]), expected("application/json"));
    // The binding allows an empty batch.
    served.post("/events", &content_type, "[]").assert_status(202);
}

#[test]
fn header_values_are_percent_decoded_and_bytes_are_kept() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let more = [("ce-subject", "Euro%20%E2%82%AC"), ("ce-tenant", "\"a b\""), ("content-type", "image/png")];
    let headers = [&HEADERS[..], &more].concat();
    let accepted = served.post("/events", &headers, [0, 255]).assert_status(202).json();
    let event = received(&served, &accepted);
    assert_eq!((&event["subject"], &event["tenant"]), (&json!("Euro \u{20ac}"), &json!("a b")));
    assert_eq!(event["data_base64"], "AP8=");
}

#[test]
fn the_webhook_handshake_says_that_the_origin_is_welcome() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let origin = ("webhook-request-origin", "eventemitter.example.com");
    let welcome = served.options("/events", &[origin, ("webhook-request-rate", "120")]).assert_status(200);
    assert_eq!(welcome.headers["webhook-allowed-origin"], "eventemitter.example.com");
    assert_eq!(welcome.headers["webhook-allowed-rate"], "*");
    assert!(welcome.headers["allow"].contains("POST"));
    let unnamed = served.options("/events", &[]);
    unnamed.assert_problem(400, "invalid-request", &["WebHook-Request-Origin"]);
}
