//! `wasm-evq send`: files and pipes to a server, over real sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use serde_json::json;

use crate::support::{Dir, Output, evq, good, many, saying, serve, until};

#[track_caller]
fn assert_says(sent: &Output, part: &str) {
    assert!(sent.stderr().contains(part), "no {part:?} in: {}", sent.stderr());
}

#[test]
fn a_file_is_sent_once_and_again_it_is_duplicates() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    dir.events(many(5_000));
    let send = |more: &[&str]| evq(["send", "events.ndjson", "--to", served.url()]).args(more).in_(&dir);
    let first = send(&[]).assert_code(0);
    assert_says(&first, "5000 read: 5000 accepted, 0 duplicates, 0 rejected");
    let second = &send(&["--json"]).assert_code(0).json_lines()[0];
    assert_eq!((&second["accepted"], &second["duplicates"]), (&json!(0), &json!(5_000)));
    until("all are settled", || (dir.count("outcome") == 5_000).then_some(()));
}

#[test]
fn lines_that_are_no_events_are_told_and_the_rest_is_sent() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let lines = format!("{}\nno event\n{}\n", good(1), good(2));
    let sent = evq(["send", "-", "--to", served.url()]).stdin(lines).in_(&dir).assert_code(1);
    assert_says(&sent, "wasm-evq: - line 2:");
    assert_says(&sent, "3 read: 2 accepted, 0 duplicates, 1 rejected");
    assert_eq!(dir.count("event"), 2);
}

#[test]
fn each_line_of_a_pipe_is_sent_as_it_comes() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let mut sending = evq(["send", "-", "--to", served.url()]).start_in(&dir);
    for id in 1..=3 {
        sending.write(format!("{}\n", good(id)).as_bytes());
        until("it is there while the pipe is open", || (dir.count("event") == id).then_some(()));
    }
    assert_says(&sending.wait().assert_code(0), "3 accepted");
}

#[test]
fn bare_data_becomes_events() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let typed = ["send", "-", "--to", served.url(), "--raw", "order", "--id-pointer", "/n"];
    evq(typed).stdin("{\"n\":7}\n").in_(&dir).assert_code(0);
    assert_eq!(dir.sql("SELECT id FROM event"), "7");
}

#[test]
fn an_event_that_the_server_finds_too_large_is_told() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &["--max-event", "1KiB"]);
    let lines = format!("{}\n{}\n", good(1), saying(2, &"x".repeat(2_000)));
    let sent = evq(["send", "-", "--to", served.url(), "--json"]).stdin(lines).in_(&dir).assert_code(1);
    assert_says(&sent, "the server rejects an event");
    assert_says(&sent, "1024");
    let told = &sent.json_lines()[0];
    assert_eq!((&told["accepted"], &told["rejected"]), (&json!(1), &json!(1)));
}

/// A server that says for each request what it is told to, and nothing else.
fn answers(answers: Vec<String>) -> (String, std::thread::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        let mut requests = 0;
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            let (mut line, mut length) = (String::new(), 0);
            while lines.read_line(&mut line).unwrap() > 2 {
                let (name, value) = line.split_once(':').unwrap_or_default();
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            lines.read_exact(&mut vec![0; length]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            requests += 1;
        }
        requests
    });
    (url, serving)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

#[test]
fn a_busy_server_is_waited_for_and_a_lost_answer_is_asked_for_again() {
    let dir = Dir::new();
    let busy = answer("503 Service Unavailable", "retry-after: 0\r\n", r#"{"detail": "stopping"}"#);
    let taken = r#"{"accepted":1,"duplicates":0,"rejected":0,"events":[{"fate":"accepted"}]}"#;
    let (url, serving) = answers(vec![busy, String::new(), answer("202 Accepted", "", taken)]);
    let sent = evq(["send", "-", "--to", &url]).stdin(format!("{}\n", good(1))).in_(&dir).assert_code(0);
    assert_says(&sent, "1 accepted");
    assert_eq!(serving.join().unwrap(), 3);
}

#[test]
fn a_server_that_is_gone_or_is_another_is_told_in_one_line() {
    let dir = Dir::new();
    dir.events(many(1));
    let refused = |to: &str, more: &[&str], parts: &[&str]| {
        let typed = evq(["send", "events.ndjson", "--quiet", "--to", to]).args(more);
        typed.in_(&dir).assert_refused(1, parts);
    };
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = ["no server answers at", "send the file again"];
    refused(&format!("http://{nobody}"), &["--patience", "10ms"], &gone);
    let page = answer("200 OK", "", "<html>");
    let (url, serving) = answers(vec![page, answer("403 Forbidden", "", "{\"detail\":\"no\"}")]);
    refused(&url, &[], &["not one of a wasm-evq"]);
    refused(&url, &[], &["refuses with status 403: no"]);
    serving.join().unwrap();
}

#[test]
fn what_cannot_be_sent_is_said_before_anything_is() {
    let dir = Dir::new();
    dir.events(many(1));
    for (typed, parts) in [
        (vec!["send", "none.ndjson", "--to", "http://127.0.0.1:1"], vec!["none.ndjson"]),
        (vec!["send", "events.ndjson", "--to", "127.0.0.1:8080"], vec!["--to", "a scheme"]),
        (
            vec!["send", "events.ndjson", "--to", "https://a", "--ca", "events.ndjson"],
            vec!["--ca", "no certificate"],
        ),
        (
            vec!["send", "events.ndjson", "--to", "http://a", "--token-file", "none"],
            vec!["--token-file", "none"],
        ),
        (vec!["send", "events.ndjson", "--token-file", "none"], vec!["--to"]),
    ] {
        evq(&typed).in_(&dir).assert_refused(2, &parts);
    }
}
