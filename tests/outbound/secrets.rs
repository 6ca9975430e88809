//! A secret goes to the server that it is for, and into no record.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::server::{Server, answer};
use super::{asking, report, told, with_options};
use crate::support::{Dir, evq};

const SECRET: &str = "yellow-bird/7";

#[test]
fn no_secret_is_in_any_byte_of_the_database() {
    let dir = Dir::new();
    let server = Server::new(|seen, stream| {
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("user:{SECRET}")));
        answer(
            stream,
            200,
            &[("x-said", &basic)],
            &format!("{} in {}, yellow-bird%2F7", seen.header("authorization").unwrap(), seen.path),
        );
    });
    let post = json!({ "method": "POST", "url": server.url("/{KEY}?key={KEY}"),
        "headers": [["authorization", "Bearer {KEY}"]], "body": "key={KEY}", "must": true });
    let broken = json!({ "method": "POST", "url": "http://127.0.0.1:1/{KEY}", "body": "{KEY}" });
    let misused = json!({ "method": "POST", "url": "http://127.0.0.1:1/", "headers": [["{KEY}:", "1"]] });
    let grants = [format!("{}=POST", server.origin()), "http://127.0.0.1:1=POST".to_owned()];
    let options = ["--http", &grants[0], "--http", &grants[1], "--secret-env", "KEY=THE_KEY"];
    let events = [asking(1, json!([broken, misused])), asking(2, json!([post]))];
    // What the handler puts out of it is its own affair: here it is the server's word, which is taken away.
    with_options(&options, &events).env("THE_KEY", SECRET).in_(&dir).assert_code(0);
    assert_eq!(told(&dir, 1), json!([{ "error": "connect" }, { "error": "invalid_request" }]));
    let seen = &server.seen()[0];
    assert_eq!(seen.header("authorization").unwrap(), format!("Bearer {SECRET}"), "the server gets it");
    assert_eq!(seen.path, format!("/{SECRET}?key={SECRET}"));
    dir.change("UPDATE outcome SET output = NULL; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
    let bytes = std::fs::read(dir.file("evq.db")).unwrap();
    let base64 = BASE64_STANDARD.encode(format!("user:{SECRET}"));
    for spelling in [SECRET, "yellow-bird%2F7", &base64, &base64[8..16]] {
        let found = bytes.windows(spelling.len()).any(|window| window == spelling.as_bytes());
        assert!(!found, "{spelling} is in the file");
    }
    let row = dir.sql(
        "SELECT url, request_headers, CAST(request_body AS TEXT), CAST(response_body AS TEXT) FROM exchanges \
         WHERE event_id = '2'",
    );
    let expected = format!(
        "{}/(secret KEY)?key=(secret KEY)|[[\"authorization\",\"Bearer (secret KEY)\"]]|\
         key=(secret KEY)|Bearer (secret KEY) in /(secret KEY)?key=(secret KEY), (secret KEY)",
        server.origin()
    );
    assert_eq!(row, expected);
    assert!(dir.sql("SELECT response_headers FROM exchanges WHERE event_id = '2'").contains("(secret KEY)"));
}

#[test]
fn an_attempt_with_a_secret_is_not_compared_and_calls_nobody() {
    let (dir, server) = (Dir::new(), Server::answering(200, ""));
    let options = ["--http", &*server.origin(), "--secret-env", "KEY=THE_KEY"];
    let events = [asking(1, json!([super::get(&server.url("/{KEY}"))]))];
    with_options(&options, &events).env("THE_KEY", SECRET).in_(&dir).assert_code(0);
    let verified = report(&evq(["verify", "--all", "--json"]).in_(&dir).assert_code(0));
    assert_eq!(verified["not_comparable"]["secret_not_recorded"]["attempts"], 1);
    let replayed = evq(["replay", "1"]).in_(&dir).assert_code(0);
    assert!(
        replayed.stdout().contains("comparison   none: the attempt was given a secret"),
        "{}",
        replayed.stdout()
    );
    assert_eq!(server.seen().len(), 1, "the attempt itself, and no second run");
}
