//! Requests that are slow, huge or half: bounded, and the server lives.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::support::{BOUND, Dir, good, serve};

/// Sends the beginning of a request and nothing more; returns what comes until the server hangs up.
fn begin(address: &str, beginning: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(BOUND)).unwrap();
    stream.write_all(beginning).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_request_that_never_ends_is_ended() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let head = "POST /events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/cloudevents+json\r\n";
    let address = served.address();
    std::thread::scope(|scope| {
        let slow_head = scope.spawn(|| begin(address, head.as_bytes()));
        let body = format!("{head}content-length: 100\r\n\r\n{{");
        let slow_body = begin(address, body.as_bytes());
        assert!(slow_body.starts_with("HTTP/1.1 408"), "{slow_body}");
        assert!(slow_body.contains("did not arrive within"), "{slow_body}");
        let slow_head = slow_head.join().unwrap();
        assert!(slow_head.is_empty() || slow_head.starts_with("HTTP/1.1 408"), "{slow_head}");
    });
    served.post_event("/events", good(1)).assert_status(202);
}

#[test]
fn what_is_no_http_and_a_huge_head_are_refused() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    assert!(begin(served.address(), b"\x16\x03\x01 hello\r\n\r\n").starts_with("HTTP/1.1 400"));
    let huge = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: {}", "y".repeat(200_000));
    assert!(begin(served.address(), huge.as_bytes()).starts_with("HTTP/1.1 431"));
    let many = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "a: b\r\n".repeat(1000));
    assert!(begin(served.address(), many.as_bytes()).starts_with("HTTP/1.1 431"));
    served.post_event("/events", good(1)).assert_status(202);
}

/// The size is refused by what the head says, before the body is sent.
#[test]
fn a_body_that_says_it_is_huge_is_not_waited_for() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    for (format, bytes_max) in [("cloudevents+json", 1_048_576), ("cloudevents-batch+json", 16_777_216)] {
        let head =
            format!("POST /events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/{format}\r\n");
        let huge = format!("{head}connection: close\r\ncontent-length: {}\r\n\r\n", bytes_max + 1);
        let refused = begin(served.address(), huge.as_bytes());
        assert!(refused.starts_with("HTTP/1.1 413"), "{refused}");
        assert!(refused.contains(&format!("limit of {bytes_max} bytes")), "{refused}");
    }
}

#[test]
fn clients_that_go_away_in_the_middle_leave_nothing_behind() {
    let dir = Dir::new();
    let served = serve(&dir, "asks_for_an_hour", &[]);
    for n in 0..200 {
        let event = good(n);
        let head = "POST /events?wait=60s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/cloudevents+json\r\n";
        let request = format!("{head}content-length: {}\r\n\r\n{event}", event.len());
        TcpStream::connect(served.address()).unwrap().write_all(request.as_bytes()).unwrap();
        let mut look = TcpStream::connect(served.address()).unwrap();
        look.write_all(b"GET /results HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    }
    // Every reader is back in its place, and so is everything else.
    for _ in 0..8 {
        served.get("/results").assert_status(200);
    }
    served.stop().assert_code(0);
}

/// Who sends before it listens must not be cut off by a reset, which can take the answer with it.
#[test]
fn a_refusal_reaches_a_sender_that_is_still_sending() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let body = vec![b' '; 8_000_000];
    let head = format!(
        "POST /events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/cloudevents+json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(served.address()).unwrap();
    stream.set_read_timeout(Some(BOUND)).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    // The answer is on its way before the body is.
    stream.peek(&mut [0]).unwrap();
    stream.write_all(&body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}
