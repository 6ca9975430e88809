//! Components ask by `wasi:http/outgoing-handler`, and are held and recorded alike.

use serde_json::{Value, json};

use super::server::{Server, answer, wait_for_its_end};
use super::{answered, asking, failed, get, report, told};
use crate::kinds::kind;
use crate::support::{Dir, evq, saying};

/// The kinds that have the interface.
const KINDS: [&str; 2] = ["http", "wasi_0_2"];

/// Has a component ask this of a server.
fn ask(dir: &Dir, name: &str, options: &[&str], words: &[String]) {
    let events: Vec<String> = words.iter().enumerate().map(|(n, word)| saying(n + 1, word)).collect();
    let typed = evq(["run", &kind(name), "--name", "h", "--quiet", "--max-attempts", "1", "--workers", "1"]);
    typed.args(options).stdin(events.join("\n")).in_(dir);
}

fn echo() -> Server {
    Server::new(|seen, stream| {
        let said = format!("{} {}", seen.method, seen.header("x-one").unwrap());
        answer(stream, 201, &[("x-said", &said)], &format!("{} bytes at {}", seen.body.len(), seen.path));
    })
}

#[test]
fn a_component_gets_its_answer_and_a_second_run_gets_it_again() {
    for name in KINDS {
        let (dir, server) = (Dir::new(), echo());
        let authority = server.origin().replace("http://", "");
        let words = ["gets", "posts"].map(|verb| format!("{verb} {authority}"));
        ask(&dir, name, &["--http", &format!("{}=GET,POST", server.origin())], &words);
        assert_eq!(told(&dir, 1), "201 GET 1 0 bytes at /asked?by=wasi", "{name}");
        assert_eq!(told(&dir, 2), "201 POST 1 10000 bytes at /asked?by=wasi", "{name}");
        drop(server);
        assert_eq!(
            dir.sql("SELECT method, length(request_body), status FROM exchanges ORDER BY event_id"),
            "GET|0|201\nPOST|10000|201"
        );
        let verified = report(&evq(["verify", "--all", "--json"]).in_(&dir).assert_code(0));
        assert_eq!((&verified["equal"], &verified["not_comparable"]), (&2.into(), &json!({})), "{name}");
    }
}

#[test]
fn a_component_is_told_what_keeps_its_request_from_an_answer() {
    for name in KINDS {
        let (dir, cut, mute) =
            (Dir::new(), Server::new(|_, _| ()), Server::new(|_, stream| wait_for_its_end(stream)));
        let [cut_at, mute_at] = [cut.origin(), mute.origin()].map(|origin| origin.replace("http://", ""));
        let words = [
            format!("posts {cut_at}"),
            format!("gets {cut_at}"),
            "gets 127.0.0.1:1".to_owned(),
            format!("gets me@{cut_at}"),
            format!("forgets {mute_at}"),
            format!("gets {mute_at}"),
        ];
        let mute_grant = format!("{}=GET,POST", mute.origin());
        let options = ["--http", &*cut.origin(), "--http", &mute_grant, "--timeout", "1s"];
        ask(&dir, name, &options, &words);
        let told: Vec<Value> = (1..=5).map(|id| told(&dir, id)).collect();
        let codes = [
            "HttpRequestDenied",
            "ConnectionTerminated",
            "HttpRequestDenied",
            "HttpProtocolError",
            "HttpProtocolError",
        ];
        for (told, code) in told.iter().zip(codes) {
            assert!(told.as_str().unwrap().contains(code), "{name}: {told} is not {code}");
        }
        let reason = super::told(&dir, 6);
        assert!(
            reason.as_str().unwrap().contains("the limit on wall-clock time was hit"),
            "{name}: {reason}"
        );
        assert_eq!((cut.seen().len(), mute.seen().len()), (1, 1), "{name}");
        assert_eq!(dir.count("exchange"), 2, "{name}");
    }
}

/// The same source as the core module of the other tests, with the codes that it has there.
#[test]
fn a_handler_of_the_sdk_asks_as_a_component_as_it_does_as_a_core_module() {
    let (dir, server, cut) = (Dir::new(), echo(), Server::new(|_, _| ()));
    let post = |origin: &str| json!({ "method": "POST", "url": format!("{origin}/a?b"), "headers": [["X-One", "1"]], "body_bytes": 10_000 });
    let gone = "http://127.0.0.1:1";
    let smuggled = json!({ "method": "POST", "url": server.url("/"), "headers": [["x", "a\r\nb: c"]] });
    let requests = json!([
        post(&server.origin()),
        post(&cut.origin()),
        post(gone),
        get(&server.url("/")),
        smuggled,
        get("nowhere"),
    ]);
    let grants = [server.origin(), cut.origin(), gone.to_owned()].map(|origin| format!("{origin}=POST"));
    let options = ["--http", &*grants[0], "--http", &*grants[1], "--http", &*grants[2]];
    for (n, name) in [(1, "asks"), (2, "asks_component")] {
        let typed = evq(["run", &kind(name), "--name", "h", "--quiet"]).args(&options);
        typed.stdin(asking(n, requests.clone())).in_(&dir).assert_code(0);
    }
    let expected = json!([
        answered(201, "10000 bytes at /a?b"),
        failed("broken"),
        failed("connect"),
        failed("not_granted"),
        failed("invalid_request"),
        failed("invalid_request"),
    ]);
    assert_eq!((told(&dir, 1), told(&dir, 2)), (expected.clone(), expected));
    let exchanges = |id: u32| {
        let columns = "method, url, request_headers, length(request_body), status, error";
        dir.sql(&format!("SELECT {columns} FROM exchanges WHERE event_id = '{id}' ORDER BY place"))
    };
    assert_eq!(exchanges(1), exchanges(2));
    let verified = report(&evq(["verify", "--all", "--json"]).in_(&dir).assert_code(0));
    assert_eq!((&verified["equal"], &verified["not_comparable"]), (&2.into(), &json!({})));
}
