//! Components ask by `wasi:http/outgoing-handler`, and are held and recorded alike.

use serde_json::{Value, json};

use super::server::{Server, answer, wait_for_its_end};
use super::{report, told};
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
