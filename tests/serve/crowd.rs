//! More than there is room for: of connections, and of results for a slow reader.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::support::{BOUND, Dir, Evq, Served, guest, saying, serve, until};

const ASK: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// A connection on which one request was sent.
fn asked(served: &Served) -> TcpStream {
    let mut stream = TcpStream::connect(served.address()).unwrap();
    stream.write_all(ASK).unwrap();
    stream
}

/// Whether an answer comes within this time.
fn is_answered(stream: &mut TcpStream, within: Duration) -> bool {
    stream.set_read_timeout(Some(within)).unwrap();
    match stream.read(&mut [0; 4096]) {
        Ok(bytes) => bytes > 0,
        Err(e) if e.kind() == ErrorKind::WouldBlock => false,
        Err(e) => panic!("{e}"),
    }
}

/// The process may open 300 files, of which it keeps 256 for itself.
#[test]
fn connections_beyond_the_cap_wait_until_one_is_closed() {
    let dir = Dir::new();
    let mut shell = Command::new("sh");
    let script = r#"ulimit -n 300 && exec "$0" serve "$1" --listen 127.0.0.1:0 --json"#;
    shell.args(["-c", script, env!("CARGO_BIN_EXE_wasm-evq"), &guest("echoes")]);
    let served = Served::start(&dir, Evq::of(shell));
    let mut crowd: Vec<TcpStream> = (0..44).map(|_| asked(&served)).collect();
    assert!(crowd.iter_mut().all(|stream| is_answered(stream, BOUND)));
    let mut late = asked(&served);
    assert!(!is_answered(&mut late, Duration::from_millis(300)), "there was room for one more");
    drop(crowd.pop());
    assert!(is_answered(&mut late, BOUND));
}

#[test]
fn a_reader_that_falls_behind_is_told_how_much_it_missed() {
    const EVENTS: u64 = 3000;
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let mut stream = TcpStream::connect(served.address()).unwrap();
    stream.set_read_timeout(Some(BOUND)).unwrap();
    stream.write_all(b"GET /stream HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    reader.read_line(&mut head).unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    // Nothing is read while more is recorded than buffers and the stream's own window hold.
    let large = "x".repeat(15_000);
    for first in (0..EVENTS).step_by(500) {
        let batch: Vec<String> = (first..first + 500).map(|id| saying(id, &large)).collect();
        let headers = [("content-type", "application/cloudevents-batch+json")];
        served.post("/events", &headers, format!("[{}]", batch.join(","))).assert_status(202);
    }
    until("all are settled", || (dir.count("outcome") == EVENTS).then_some(()));
    let (mut told, mut missed) = (0, 0);
    for line in reader.lines() {
        let line = line.unwrap();
        let Some(data) = line.strip_prefix("data: ") else { continue };
        let data: Value = serde_json::from_str(data).unwrap();
        match data["missed"].as_u64() {
            Some(count) => missed += count,
            None => told += 1,
        }
        if told + missed == EVENTS {
            break;
        }
    }
    assert!(told >= 1024 && missed > 0, "{told} told, {missed} missed");
}
