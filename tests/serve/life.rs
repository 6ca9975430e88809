//! From start to end: where it listens, what it refuses, how it stops.

use crate::support::{Dir, evq, good, guest, many, saying, serve, until};

#[test]
fn an_address_that_others_can_reach_is_refused_with_reason_and_cure() {
    let dir = Dir::new();
    dir.secret("tokens", "operate 0123456789abcdef\n");
    let refused = |address: &str, more: &[&str], parts: &[&str]| {
        let typed = evq(["serve", &guest("echoes"), "--listen", address]).args(more);
        typed.in_(&dir).assert_refused(2, parts);
    };
    for address in ["0.0.0.0:0", "[::]:0"] {
        refused(address, &[], &[address, "other machines can reach", "--token-file", "127.0.0.1"]);
        refused(
            address,
            &["--token-file", "tokens"],
            &[address, "read on the way", "--tls-cert", "--plain-http"],
        );
    }
    refused("8080", &[], &["127.0.0.1:8080"]);
    assert!(!dir.file("evq.db").exists());
    let plain = ["--token-file", "tokens", "--plain-http", "--listen", "0.0.0.0:0", "--json"];
    let mut open = evq(["serve", &guest("echoes")]).args(&plain).start_in(&dir);
    assert!(open.line().contains("http://0.0.0.0:"));
}

#[test]
fn an_address_in_use_is_refused() {
    let dir = Dir::new();
    let served = serve(&dir, "echoes", &[]);
    let typed = evq(["serve", &guest("echoes"), "--db", "other.db", "--listen", served.address()]);
    typed.in_(&dir).assert_refused(2, &["cannot listen on", served.address(), "--listen"]);
}

#[test]
fn a_signal_ends_it_in_order_and_nothing_is_lost() {
    let dir = Dir::new();
    let served = serve(&dir, "works_long", &[]);
    let batch = format!("[{}]", many(2000).collect::<Vec<_>>().join(","));
    let content_type = [("content-type", "application/cloudevents-batch+json")];
    served.post("/events", &content_type, batch).assert_status(202);
    until("something is done", || (dir.count("outcome") >= 20).then_some(()));
    let stopped = served.stop().assert_code(0);
    assert!(
        stopped.stderr().contains("stopping: what runs is finished and recorded"),
        "{}",
        stopped.stderr()
    );
    assert_eq!(dir.count("pending WHERE leased = 0 AND attempts = 0") + dir.count("outcome"), 2000);
    evq(["run", &guest("counts"), "--name", "works_long"]).in_(&dir).assert_code(0);
    assert_eq!(dir.sql("SELECT count(DISTINCT event_id), max(attempts) FROM results"), "2000|1");
    dir.assert_sound();
}

#[test]
fn what_an_earlier_process_left_is_run_without_being_sent_again() {
    let dir = Dir::new();
    dir.events([good(1)]);
    evq(["run", &guest("asks_for_an_hour"), "events.ndjson", "--name", "h", "--no-wait"]).in_(&dir);
    dir.change("UPDATE pending SET due_at_ms = 1");
    let served = serve(&dir, "echoes", &["--name", "h"]);
    until("it is settled", || (dir.count("outcome") == 1).then_some(()));
    let handlers = served.get("/handlers").assert_status(200).json();
    assert_eq!(handlers["handlers"][0]["name"], "h");
}

#[test]
fn a_second_signal_ends_it_at_once_and_loses_nothing() {
    let dir = Dir::new();
    let mut served = serve(&dir, "loops_first", &["--timeout", "1h", "--fuel", "1000000000000000"]);
    served.post_event("/events", saying("slow", "!")).assert_status(202);
    until("it runs", || (dir.count("pending WHERE leased = 1") == 1).then_some(()));
    served.signal_until_said("TERM", "once more to stop at once");
    served.terminate();
    served.ended().assert_code(130);
    evq(["run", &guest("loops_first")]).in_(&dir).assert_code(0);
    // One attempt, if the first signal found it leased and not begun.
    assert_eq!(dir.sql("SELECT status, attempts IN (1, 2) FROM results"), "ok|1");
    dir.assert_sound();
}
