//! `run --config`: each event goes to the handlers of a file whose filters it fits, until all is settled.

use serde_json::json;

use crate::support::{
    Dir, Evq, evq, good, handler, many, of_tenant, saying, settled_by_handler, two_handlers, until,
};

fn run(more: &[&str]) -> Evq {
    evq(["run", "--config", "evq.toml"]).args(more)
}

#[test]
fn an_event_goes_to_each_handler_that_wants_it_and_is_kept_when_none_does() {
    let dir = Dir::new();
    two_handlers(&dir, "");
    dir.events([
        of_tenant("both", "order.placed", "blue"),
        of_tenant("order", "order.placed", "red"),
        of_tenant("blue", "invoice", "blue"),
        of_tenant("none", "invoice", "red"),
        of_tenant("none", "invoice", "red"),
        "nonsense".into(),
    ]);
    let told = run(&["events.ndjson", "--json"]).in_(&dir).assert_code(1).json_lines().remove(0);
    for (name, count) in [
        ("read", 6),
        ("enqueued", 3),
        ("duplicates", 1),
        ("unmatched", 1),
        ("rejected", 1),
        ("ok", 4),
        ("attempts", 4),
    ] {
        assert_eq!(told[name], count, "{name} of {told}");
    }
    let of = |name, count| json!({"handler": name, "ok": count, "dead": 0, "attempts": count});
    assert_eq!(told["handlers"], json!([of("fails", 2), of("echoes", 2)]), "in the file's order");
    assert_eq!(settled_by_handler(&dir), "echoes|blue\nechoes|both\nfails|both\nfails|order");
    assert_eq!(dir.sql("SELECT id FROM event JOIN unmatched ON event_seq = seq"), "none");
    dir.assert_sound();
}

#[test]
fn the_summary_and_what_is_printed_name_the_handler() {
    let dir = Dir::new();
    two_handlers(&dir, "");
    let (order, none) = (of_tenant(1, "order.placed", "red"), of_tenant(2, "invoice", "red"));
    let said = run(&["-", "--print", "--print-accepted"]).stdin(format!("{order}\n{none}\n")).in_(&dir);
    let lines = said.json_lines();
    let of = |key: &str| lines.iter().filter_map(|line| line[key].as_str()).collect::<Vec<_>>();
    assert_eq!(of("fate"), ["enqueued", "unmatched"]);
    assert_eq!(of("handler"), ["fails"]);
    let said = said.assert_code(0).stderr().to_owned();
    assert!(said.starts_with("2 read: 1 enqueued, 0 duplicates, 0 rejected, 1 unmatched; 1 ok, 0 dead, "));
    assert!(
        said.ends_with("\n  fails: 1 ok, 0 dead, 1 attempts\n  echoes: 0 ok, 0 dead, 0 attempts\n"),
        "{said}"
    );
}

/// The second handler has nothing to do until the first one emits, and the first waits a second for its retry.
#[test]
fn no_handler_ends_before_the_others_can_give_it_nothing_more() {
    let dir = Dir::new();
    let fails = handler("fails_once", "retry-delay = \"1s\"");
    let emits = handler("emits_itself", r#"filters = [{ exact = { type = "test" } }]"#);
    let takes = handler("echoes", r#"filters = [{ exact = { type = "t" } }]"#);
    dir.write("evq.toml", format!("{emits}{takes}")).events((1..=200).map(|id| saying(id, "!")));
    run(&["events.ndjson"]).in_(&dir).assert_code(0);
    let counts = "SELECT handler, count(*) FROM results GROUP BY 1";
    assert_eq!(dir.sql(counts), "echoes|200\nemits_itself|200");
    dir.write("evq.toml", format!("{fails}{takes}"));
    run(&["-"]).stdin(saying(201, "fail")).in_(&dir).assert_code(0);
    assert_eq!(
        dir.sql("SELECT attempts FROM results WHERE handler = 'fails_once' AND event_id = '201'"),
        "2"
    );
    assert_eq!(dir.count("pending"), 0);
    dir.assert_sound();
}

#[test]
fn without_input_what_is_pending_at_any_of_them_is_run_and_later_retries_are_left() {
    let dir = Dir::new();
    let later = handler("asks_for_an_hour", "");
    dir.write("evq.toml", format!("{later}{}", handler("echoes", "")));
    run(&["-", "--no-wait"]).stdin(saying(1, "later")).in_(&dir).assert_code(0);
    assert_eq!((settled_by_handler(&dir), dir.count("pending")), ("echoes|1".into(), 1));
    dir.change("UPDATE pending SET due_at_ms = 1");
    run(&[]).in_(&dir).assert_code(0);
    assert_eq!((settled_by_handler(&dir), dir.count("pending")), ("asks_for_an_hour|1\nechoes|1".into(), 0));
}

#[test]
fn killed_in_the_middle_each_handler_has_each_of_its_events_once_after_a_second_run() {
    let dir = Dir::new();
    dir.write("evq.toml", [handler("counts", ""), handler("echoes", "")].concat()).events(many(20_000));
    let running = run(&["events.ndjson", "--quiet"]).start_in(&dir);
    until("there are results to lose", || (dir.count("outcome") >= 5000).then_some(()));
    running.kill();
    let before = dir.count("outcome");
    assert!(before < 40_000, "it was too late to kill it");
    let told = run(&["events.ndjson", "--json"]).in_(&dir).assert_code(0).json_lines().remove(0);
    assert_eq!(json!([told["read"], told["ok"], told["dead"]]), json!([20_000, 40_000 - before, 0]));
    let counts =
        dir.sql("SELECT handler, status, count(*), count(DISTINCT event_id) FROM results GROUP BY 1, 2");
    assert_eq!(counts, "counts|ok|20000|20000\nechoes|ok|20000|20000");
    dir.assert_sound();
}

#[test]
fn one_bad_module_is_refused_before_anything_is_read() {
    let dir = Dir::new();
    let bad = "[[handler]]\nname = \"bad\"\nmodule = \"bad.wat\"\n";
    dir.write("bad.wat", "(module)").write("evq.toml", format!("{}{bad}", handler("echoes", "")));
    let refused = run(&["-", "--print-accepted"]).stdin(good(1)).in_(&dir);
    assert_eq!(refused.stdout(), "");
    refused.assert_refused(2, &["bad.wat"]);
    assert!(!dir.file("evq.db").exists());
}

/// What makes a server is left to the server: a run opens no port and asks nobody for a token.
#[test]
fn the_file_of_a_server_is_run_as_it_is() {
    let dir = Dir::new();
    let serve = "[serve]\nlisten = \"0.0.0.0:1\"\ntoken-file = \"none\"\ndb = \"sub/orders.db\"\nworkers = 1\n\
                 max-pending = 1\nmax-pending-size = \"1B\"\nkeep-days = 1\n";
    two_handlers(&dir, serve);
    std::fs::create_dir(dir.file("sub")).unwrap();
    dir.events((0..100).map(|n| of_tenant(n, "order.placed", "blue")));
    let told = run(&["events.ndjson", "--json"]).in_(&dir).assert_code(0).json_lines().remove(0);
    assert_eq!(told["ok"], 200);
    assert!(dir.file("sub/orders.db").exists() && !dir.file("evq.db").exists());
    run(&["events.ndjson", "--db", "evq.db", "--quiet"]).in_(&dir).assert_code(0);
    assert_eq!(dir.count("outcome"), 200);
}

#[test]
fn what_cannot_stand_beside_a_file_is_refused() {
    let dir = Dir::new();
    two_handlers(&dir, "");
    run(&["--fuel", "5"]).in_(&dir).assert_refused(2, &["--config"]);
    run(&["--retry-delay", "3s"]).in_(&dir).assert_refused(2, &["--retry-delay", "beside each handler"]);
    run(&["none.ndjson"]).in_(&dir).assert_refused(2, &["none.ndjson"]);
    evq(["run"]).in_(&dir).assert_refused(2, &["HANDLER"]);
    evq(["check", "--config", "evq.toml"]).in_(&dir).assert_code(0);
}
