//! What a supervisor is told, over a socket as systemd's own is.

use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use rusqlite::Connection;

use crate::support::{BOUND, Dir, Served, serving};

const WATCHDOG: Duration = Duration::from_millis(300);

/// A server under this supervisor, and what it says to it.
fn supervised(dir: &Dir) -> (Served, UnixDatagram) {
    let socket = UnixDatagram::bind(dir.file("notify")).unwrap();
    socket.set_read_timeout(Some(BOUND)).unwrap();
    let typed = serving("echoes").env("NOTIFY_SOCKET", dir.file("notify"));
    (Served::start(dir, typed.env("WATCHDOG_USEC", WATCHDOG.as_micros().to_string())), socket)
}

/// What is said next; `None` when nothing is, for as long as this socket waits.
fn next(socket: &UnixDatagram) -> Option<String> {
    let mut bytes = [0; 256];
    match socket.recv(&mut bytes) {
        Ok(length) => Some(String::from_utf8_lossy(&bytes[..length]).trim().to_owned()),
        Err(e) if e.kind() == ErrorKind::WouldBlock => None,
        Err(e) => panic!("{e}"),
    }
}

#[test]
fn a_supervisor_is_told_of_the_start_of_life_and_of_the_end() {
    let dir = Dir::new();
    let (served, socket) = supervised(&dir);
    // Fed and ready come from two tasks, in either order.
    let mut told: Vec<String> = (0..4).map(|_| next(&socket).unwrap()).collect();
    told.sort();
    assert_eq!(told, ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"]);
    served.terminate();
    while next(&socket).unwrap() != "STOPPING=1" {}
    served.ended().assert_code(0);
}

/// Another program holds the database locked, so the writer stands still.
#[test]
fn a_writer_that_is_stuck_starves_the_watchdog() {
    let dir = Dir::new();
    let (_served, socket) = supervised(&dir);
    while next(&socket).unwrap() != "WATCHDOG=1" {}
    let other = Connection::open(dir.file("evq.db")).unwrap();
    other.busy_timeout(BOUND).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    socket.set_read_timeout(Some(WATCHDOG * 4)).unwrap();
    // What was under way is said still.
    let said = std::iter::from_fn(|| next(&socket)).take(20).count();
    assert!(said < 20, "fed while it was stuck");
    other.execute_batch("ROLLBACK").unwrap();
    socket.set_read_timeout(Some(BOUND)).unwrap();
    assert_eq!(next(&socket).unwrap(), "WATCHDOG=1");
}
