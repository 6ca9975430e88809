//! What was recorded is given again, and nothing goes out by a second run.

use serde_json::json;

use super::server::{Server, answer, wait_for_its_end};
use super::{answered, asking, asks, failed, get, report, run, run_in_vain, told};
use crate::support::{Dir, evq, until};

/// A database with an event that was answered and one that was not, and its servers gone.
fn recorded() -> Dir {
    let (dir, server) = (Dir::new(), Server::answering(200, "once"));
    let cut = Server::new(|_, _| ());
    let grants = ["--http", &*server.origin(), "--http", &*cut.origin()];
    let events = [
        asking(1, json!([get(&server.url("/1")), get(&server.url("/2"))])),
        asking(2, json!([get(&cut.url("/")), get(&server.url("/3"))])),
        asking(3, json!([])),
    ];
    run(&dir, &grants, &events);
    assert_eq!(told(&dir, 1), json!([answered(200, "once"), answered(200, "once")]));
    assert_eq!(told(&dir, 2), json!([failed("broken"), answered(200, "once")]));
    dir
}

#[test]
fn a_second_run_is_equal_in_all_with_its_servers_gone() {
    let dir = recorded();
    let verified = report(&evq(["verify", "--all", "--json"]).in_(&dir).assert_code(0));
    assert_eq!((&verified["equal"], &verified["not_comparable"]), (&3.into(), &json!({})), "fuel included");
    let replayed = report(&evq(["replay", "2", "--json"]).in_(&dir).assert_code(0));
    assert_eq!((&replayed["same"], &replayed["now"]["output"][0]), (&true.into(), &failed("broken")));
    assert_eq!(replayed["now"]["exchanges"][1]["response"]["body"], "once");
    let compared = report(&evq(["diff", &asks(), "--json"]).in_(&dir).assert_code(0));
    assert_eq!(compared["effects"]["equal"], 3);
}

#[test]
fn an_exchange_that_is_not_the_recorded_one_is_named() {
    let dir = recorded();
    dir.change("UPDATE exchange SET url = replace(url, '/2', '/else') WHERE place = 2 AND event_seq = 1");
    let verified = evq(["verify", "--all"]).in_(&dir).assert_code(1);
    let said = verified.stdout();
    assert!(said.contains("exchange") && said.contains("/else"), "{said}");
    let replayed = evq(["replay", "1"]).in_(&dir).assert_code(1);
    let said = replayed.stdout();
    let reason = "/2, was not recorded: the recorded one is GET http://";
    assert!(said.contains("request 2, GET http://") && said.contains(reason), "{said}");
    dir.change("UPDATE exchange SET response_body = CAST('twice' AS BLOB) WHERE place = 1 AND event_seq = 2");
    dir.change("DELETE FROM exchange WHERE place = 2 AND event_seq = 2");
    let replayed = evq(["replay", "2"]).in_(&dir).assert_code(1);
    assert!(replayed.stdout().contains("/3, was not recorded: no other was"), "{}", replayed.stdout());
}

/// The same handler by another name, and other events: as another module that asks otherwise.
#[test]
fn a_module_that_asks_otherwise_is_told_what_was_not_recorded() {
    let dir = recorded();
    dir.change("UPDATE event SET json = replace(json, '/2\"', '/other\"') WHERE seq = 1");
    let compared = evq(["diff", &asks()]).in_(&dir).assert_code(1);
    let said = compared.stdout();
    assert!(said.contains("/other, was not recorded: the recorded one is GET http://"), "{said}");
}

#[test]
fn every_attempt_has_its_own_requests() {
    let dir = Dir::new();
    let count = std::sync::atomic::AtomicU32::new(0);
    let server =
        Server::new(move |_, stream| match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => answer(stream, 500, &[], "not now"),
            1 => (),
            _ => answer(stream, 200, &[], "now"),
        });
    let must = json!({ "method": "GET", "url": server.url("/"), "must": true });
    run(&dir, &["--http", &server.origin(), "--retry-delay", "1ms"], &[asking(1, json!([must]))]);
    assert_eq!(told(&dir, 1), json!([answered(200, "now")]));
    assert_eq!(
        dir.sql("SELECT attempt, status, error FROM exchanges ORDER BY attempt"),
        "1|500|NULL\n2|NULL|broken\n3|200|NULL"
    );
    assert_eq!(
        dir.sql("SELECT verdict FROM attempt ORDER BY number"),
        "failed\nfailed",
        "the log of a failure aside"
    );
    let verified = report(&evq(["verify", "--all", "--json"]).in_(&dir).assert_code(0));
    assert_eq!(verified["equal"], 3);
    let shown = evq(["show", "1"]).in_(&dir).assert_code(0);
    let line = format!("    GET {}\n      status 500, not now\n", server.url("/"));
    assert!(shown.stdout().contains(&line), "{}", shown.stdout());
}

#[test]
fn an_attempt_that_a_kill_cut_short_sends_again_and_is_recorded_once() {
    let dir = Dir::new();
    let first = std::sync::atomic::AtomicBool::new(true);
    let server = Server::new(move |_, stream| match first.swap(false, std::sync::atomic::Ordering::SeqCst) {
        true => wait_for_its_end(stream),
        false => answer(stream, 200, &[], "again"),
    });
    let options = ["--http", &*server.origin(), "--timeout", "60s"];
    dir.events([asking(1, json!([get(&server.url("/"))]))]);
    let typed = evq(["run", &asks(), "events.ndjson", "--name", "h", "--quiet"]).args(&options);
    let running = typed.start_in(&dir);
    until("the request is there", || (server.seen().len() == 1).then_some(()));
    running.kill();
    run(&dir, &options, &[]);
    assert_eq!(told(&dir, 1), json!([answered(200, "again")]));
    assert_eq!(dir.sql("SELECT attempt, status FROM exchanges"), "2|200");
    assert_eq!(server.seen().len(), 2);
    dir.assert_sound();
    let verified = report(&evq(["verify", "--all", "--json"]).in_(&dir).assert_code(0));
    assert_eq!((&verified["equal"], &verified["not_comparable"]["lost"]["attempts"]), (&1.into(), &1.into()));
}

#[test]
fn exchanges_go_with_their_event() {
    let (dir, server) = (Dir::new(), Server::answering(404, ""));
    let must = json!({ "method": "GET", "url": server.url("/"), "must": true });
    let events = [asking(1, json!([must])), asking(2, json!([get(&server.url("/"))]))];
    run_in_vain(&dir, &["--http", &server.origin()], &events);
    assert_eq!(dir.count("exchange"), 2);
    evq(["backup", "copy.db"]).in_(&dir).assert_code(0);
    evq(["dead", "drop", "--event", "1", "--yes"]).in_(&dir).assert_code(0);
    assert_eq!(dir.sql("SELECT event_id FROM exchanges"), "2");
    let shown =
        evq(["show", "1", "--db", "copy.db", "--json"]).in_(&dir).assert_code(0).json_lines().remove(0);
    let attempt = &shown["deliveries"][0]["attempts"][0];
    assert_eq!(
        (&attempt["verdict"], &attempt["exchanges"][0]["response"]["status"]),
        (&json!("permanent"), &json!(404))
    );
    dir.assert_sound();
}
