//! The socket beside the database: nobody has to think about who holds the file.

use std::os::unix::fs::PermissionsExt;

use crate::support::{Dir, evq, good, many, saying, serve, until};

fn with_a_dead_event(dir: &Dir, more: &[&str]) -> crate::support::Served {
    let typed: Vec<&str> = ["--max-attempts", "1"].iter().chain(more).copied().collect();
    let served = serve(dir, "fails", &typed);
    evq(["send", "-", "--quiet"]).stdin(format!("{}\n", saying("bad", "!"))).in_(dir).assert_code(0);
    until("it is dead", || (dir.count("outcome WHERE dead = 1") == 1).then_some(()));
    served
}

#[test]
fn events_are_sent_to_the_server_that_owns_the_database() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    dir.events(many(3_000));
    let sent = evq(["send", "events.ndjson"]).in_(&dir).assert_code(0);
    assert!(sent.stderr().contains("3000 accepted"), "{}", sent.stderr());
    until("all are settled", || (dir.count("outcome") == 3_000).then_some(()));
    served.stop().assert_code(0);
}

#[test]
fn the_dead_are_retried_and_dropped_while_a_server_owns_them() {
    let dir = Dir::new();
    let served = with_a_dead_event(&dir, &[]);
    let retried = evq(["dead", "retry", "--event", "bad"]).in_(&dir).assert_code(0);
    assert!(retried.stdout().contains("1 queued; the server runs them"), "{}", retried.stdout());
    until("it ran again", || (dir.sql("SELECT max(attempts) FROM outcome") == "2").then_some(()));
    let dropped = evq(["dead", "drop", "--yes"]).in_(&dir).assert_code(0);
    assert!(dropped.stdout().contains("1 dropped"), "{}", dropped.stdout());
    assert_eq!(dir.count("event"), 0);
    served.stop().assert_code(0);
}

#[test]
fn the_socket_is_its_users_alone_and_asks_for_no_token() {
    let dir = Dir::new();
    dir.write("tokens", "operate a-token-of-some-length name\n");
    std::fs::set_permissions(dir.file("tokens"), PermissionsExt::from_mode(0o600)).unwrap();
    let served = with_a_dead_event(&dir, &["--token-file", "tokens"]);
    let mode = std::fs::metadata(dir.file("evq.db.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    served.get("/results").assert_problem(401, "unauthorized", &["token"]);
    evq(["dead", "retry"]).in_(&dir).assert_code(0);
    served.stop().assert_code(0);
    assert!(!dir.file("evq.db.sock").exists(), "it goes with its server");
}

#[test]
fn a_socket_that_a_killed_server_left_is_in_nobodys_way() {
    let dir = Dir::new();
    serve(&dir, "echoes", &[]).kill();
    assert!(dir.file("evq.db.sock").exists());
    let typed = evq(["send", "-", "--quiet", "--patience", "10ms"]).stdin(format!("{}\n", good(1)));
    typed.in_(&dir).assert_refused(1, &["no server answers at the socket of evq.db", "--to"]);
    let served = serve(&dir, "echoes", &[]);
    evq(["send", "-", "--quiet"]).stdin(format!("{}\n", good(1))).in_(&dir).assert_code(0);
    served.stop().assert_code(0);
}

#[test]
fn a_run_that_owns_the_database_has_to_be_waited_for() {
    let dir = Dir::new();
    evq(["run", &crate::support::guest("fails"), "-", "--max-attempts", "1", "--quiet"])
        .stdin(format!("{}\n", saying("bad", "!")))
        .in_(&dir)
        .assert_code(1);
    let mut running = evq(["run", &crate::support::guest("fails"), "-", "--print"]).start_in(&dir);
    running.write(format!("{}\n", good(1)).as_bytes());
    running.line();
    let retried = evq(["dead", "retry"]).in_(&dir).assert_code(3);
    assert!(retried.stderr().contains("in use by another wasm-evq"), "{}", retried.stderr());
    running.wait().assert_code(0);
}
