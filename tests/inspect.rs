//! The read side: `results`, `show`, `stats`, and that nothing they print can drive a terminal.

use std::process::Command;

use crate::support::{Dir, Evq, evq, good, guest, many, saying, until};

/// Results of two handlers: three ok and one dead.
fn some_results() -> Dir {
    let dir = Dir::new();
    dir.events([good(1), saying(2, "no"), good(3).replace(r#""test""#, r#""other""#)]);
    evq(["run", &guest("fails_for_good"), "events.ndjson"]).in_(&dir).assert_code(1);
    evq(["run", &guest("answers_in_bytes")]).stdin(good(1)).in_(&dir).assert_code(0);
    dir
}

#[test]
fn results_are_found_by_status_type_handler_error_and_time() {
    let dir = some_results();
    for (filter, events) in [
        (&[][..], vec!["1", "1", "2", "3"]),
        (&["--status", "ok"], vec!["1", "1", "3"]),
        (&["--status", "dead"], vec!["2"]),
        (&["--type", "other"], vec!["3"]),
        (&["--handler", "answers_in_bytes"], vec!["1"]),
        (&["--handler", "nobody"], vec![]),
        (&["--error", "stock"], vec!["2"]),
        (&["--since", "1h"], vec!["1", "1", "2", "3"]),
        (&["--until", "1h"], vec![]),
        (&["--since", "2100-01-01T00:00:00Z"], vec![]),
        (&["--limit", "2"], vec!["1", "1"]),
        (&["--status", "ok", "--type", "other"], vec!["3"]),
    ] {
        let listed = evq(["results", "--json"]).args(filter).in_(&dir).assert_code(0).json_lines();
        let ids: Vec<_> = listed.iter().map(|row| row["event_id"].as_str().unwrap()).collect();
        assert_eq!(ids, events, "{filter:?}");
    }
}

#[test]
fn results_as_json_have_the_columns_of_the_view() {
    let dir = some_results();
    let rows = evq(["results", "--json", "--status", "dead"]).in_(&dir).assert_code(0).json_lines();
    let mut keys: Vec<_> = rows[0].as_object().unwrap().keys().map(String::as_str).collect();
    let mut columns = dir.sql("SELECT name FROM pragma_table_info('results')");
    columns = columns.replace('\n', " ");
    let mut columns: Vec<_> = columns.split(' ').collect();
    keys.sort_unstable();
    columns.sort_unstable();
    assert_eq!(keys, columns);
    assert_eq!((&rows[0]["error"], &rows[0]["output"]), (&"no stock".into(), &serde_json::Value::Null));
}

#[test]
fn what_an_attempt_depended_on_is_in_the_database() {
    let dir = Dir::new();
    evq(["run", &guest("echoes")]).stdin(good(1)).in_(&dir).assert_code(0);
    evq(["run", &guest("echoes"), "--fuel", "1000000"]).stdin(good(2)).in_(&dir).assert_code(0);
    let module = std::fs::read(guest("echoes")).unwrap();
    assert_eq!(dir.sql("SELECT bytes FROM module_bytes"), format!("x'{}'", hex::encode(module)));
    let limits = "SELECT event.id, limits ->> 'fuel', limits ->> 'wall_clock_ms' \
                  FROM outcome JOIN event ON seq = event_seq JOIN module ON module.id = module_id";
    assert_eq!(dir.sql(limits), "1|1000000000|5000\n2|1000000|5000");
    let shown = evq(["show", "2", "--json"]).in_(&dir).assert_code(0).json_lines();
    assert_eq!(shown[0]["deliveries"][0]["attempts"][0]["limits"]["fuel"], 1_000_000);
}

#[test]
fn results_as_csv_have_a_heading_and_quotes() {
    let dir = Dir::new();
    let line = saying(1, "a, b");
    evq(["run", &guest("echoes")]).stdin(line.clone()).in_(&dir).assert_code(0);
    let listed = evq(["results", "--csv"]).in_(&dir).assert_code(0);
    assert!(listed.stdout().starts_with("event_id,source,type,handler,handler_sha256,status,output,"));
    assert!(listed.stdout().contains(&format!("\"{}\"", line.replace('"', "\"\""))));
}

#[test]
fn output_in_bytes_is_a_blob_and_base64() {
    let dir = some_results();
    assert_eq!(dir.sql("SELECT output FROM results WHERE handler = 'answers_in_bytes'"), "x'00ff80'");
    let row = evq(["results", "--json", "--handler", "answers_in_bytes"]).in_(&dir).json_lines().remove(0);
    assert_eq!((&row["output"], &row["output_base64"]), (&serde_json::Value::Null, &"AP+A".into()));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let dir = Dir::new();
    dir.events(many(5000));
    evq(["run", &guest("echoes"), "events.ndjson", "--quiet"]).in_(&dir).assert_code(0);
    for how in ["", "--json", "--csv"] {
        let mut shell = Command::new("sh");
        let wasm_evq = env!("CARGO_BIN_EXE_wasm-evq");
        shell.args(["-c", &format!("{{ {wasm_evq} results {how}; echo ended $? >&2; }} | head -n 1")]);
        let ended = Evq::of(shell).in_(&dir);
        assert_eq!((ended.stdout().lines().count(), ended.stderr()), (1, "ended 0\n"));
    }
}

#[test]
fn show_tells_the_whole_story_of_an_event() {
    let dir = some_results();
    let shown = evq(["show", "2"]).in_(&dir).assert_code(0);
    for part in [&saying(2, "no"), "handler fails_for_good: dead: no stock", "attempt 1: permanent: no stock"]
    {
        assert!(shown.stdout().contains(part), "no {part:?} in {}", shown.stdout());
    }
    let story = evq(["show", "1", "--json"]).in_(&dir).assert_code(0).json_lines().remove(0);
    let handlers: Vec<_> = story["deliveries"].as_array().unwrap().iter().map(|d| &d["handler"]).collect();
    assert_eq!(handlers, ["fails_for_good", "answers_in_bytes"]);
}

#[test]
fn show_has_the_backtrace_of_a_trap() {
    let dir = Dir::new();
    evq(["run", &guest("traps")]).stdin(saying(1, "!")).in_(&dir).assert_code(1);
    let shown = evq(["show", "1"]).in_(&dir).assert_code(0);
    assert!(shown.stdout().contains("0: divides_by_zero"), "{}", shown.stdout());
}

#[test]
fn an_event_that_is_not_there_is_a_failure_in_one_line() {
    let dir = some_results();
    evq(["show", "17"]).in_(&dir).assert_refused(1, &["no event with id \"17\"", "evq.db"]);
    evq(["show", "1", "--source", "/no"]).in_(&dir).assert_refused(1, &["\"1\" and source \"/no\""]);
}

#[test]
fn stats_count_everything() {
    let dir = some_results();
    evq(["run", &guest("asks_for_an_hour"), "--no-wait"])
        .stdin(saying(9, "x") + "\nbad\n")
        .in_(&dir)
        .assert_code(1);
    let stats = evq(["stats", "--json"]).in_(&dir).assert_code(0).json_lines().remove(0);
    for (name, count) in
        [("events", 4), ("pending", 1), ("leased", 0), ("ok", 3), ("dead", 1), ("rejected", 1)]
    {
        assert_eq!(stats[name], count, "{name}");
    }
    assert_eq!(stats["dead_reasons"][0]["error"], "no stock");
    let text = evq(["stats"]).in_(&dir).assert_code(0);
    assert!(text.stdout().contains("no stock"), "{}", text.stdout());
}

#[test]
fn stats_and_results_can_be_read_while_a_run_is_at_work() {
    let dir = Dir::new();
    dir.events(many(2000));
    let running = evq(["run", &guest("works_long"), "events.ndjson"]).start_in(&dir);
    until("there are results", || (dir.count("outcome") > 10).then_some(()));
    let stats = evq(["stats", "--json"]).in_(&dir).assert_code(0).json_lines().remove(0);
    assert!(stats["ok"].as_u64().unwrap() > 10);
    evq(["results", "--limit", "1"]).in_(&dir).assert_code(0);
    running.kill();
}

#[test]
fn what_a_handler_wrote_cannot_drive_the_terminal() {
    let dir = Dir::new();
    dir.write("event.json", saying("e\u{202e}vil", "\u{9b}2J"));
    evq(["run", &guest("drives_the_terminal"), "event.json"]).in_(&dir).assert_code(1);
    evq(["run", &guest("echoes"), "event.json"]).in_(&dir).assert_code(0);
    let invoke = guest("drives_the_terminal");
    for command in [
        &["results"][..],
        &["show", "e\u{202e}vil"],
        &["stats"],
        &["dead", "list"],
        &["invoke", &invoke, "event.json"],
    ] {
        let said = evq(command).in_(&dir);
        let raw: Vec<_> = said.stdout().chars().filter(|c| c.is_control() && *c != '\n').collect();
        assert!(raw.is_empty(), "{command:?} printed {raw:?}");
        assert!(said.stdout().contains("\\u{1b}[2J") || said.stdout().contains("\\u{9b}2J"), "{command:?}");
    }
}

#[test]
fn invoke_shows_one_event_and_stores_nothing() {
    let dir = Dir::new();
    let said = evq(["invoke", &guest("echoes"), "-", "--json"]).stdin(good(1)).in_(&dir).assert_code(0);
    let said = said.json_lines().remove(0);
    assert_eq!((&said["verdict"], &said["output"]["id"]), (&"ok".into(), &"1".into()));
    assert!(said["fuel"].as_u64().unwrap() > 0);
    let text = evq(["invoke", &guest("fails"), "-"]).stdin(saying(1, "f")).in_(&dir).assert_code(1);
    for part in
        ["verdict      failed", "reason       no luck", "log warn     rolled a 3", "fuel", "peak memory"]
    {
        assert!(text.stdout().contains(part), "no {part:?} in {}", text.stdout());
    }
    assert!(!dir.file("evq.db").exists());
}

#[test]
fn invoke_takes_bare_data_and_an_attempt_number() {
    let dir = Dir::new();
    let typed = evq(["invoke", &guest("echoes"), "-", "--raw", "org.bare", "--json"]);
    let said = typed.stdin("{\"a\":1}").in_(&dir).assert_code(0).json_lines().remove(0);
    assert_eq!((&said["output"]["type"], &said["output"]["data"]["a"]), (&"org.bare".into(), &1.into()));
    let attempt =
        |n: &str| evq(["invoke", &guest("fails_once"), "-", "--attempt", n]).stdin(saying(1, "f")).in_(&dir);
    attempt("1").assert_code(1);
    attempt("2").assert_code(0);
}

#[test]
fn check_shows_every_limit_with_its_option() {
    let dir = Dir::new();
    let said = evq(["check", &guest("echoes"), "--max-memory", "16MiB"]).in_(&dir).assert_code(0);
    for part in
        ["16.0 MiB (--max-memory)", "1000000000 (--fuel)", "5s (--timeout)", "evq_v1.event_read", "sha256"]
    {
        assert!(said.stdout().contains(part), "no {part:?} in {}", said.stdout());
    }
    let json = evq(["check", &guest("echoes"), "--json"]).in_(&dir).assert_code(0).json_lines().remove(0);
    assert_eq!((&json["limits"]["hops"], &json["limits"]["emitted_events"]), (&16.into(), &100.into()));
    let bounds = [
        ("compile_ms", 60_000_u64),
        ("module_bytes", 64 << 20),
        ("module_text_bytes", 4 << 20),
        ("code_bytes", 16 << 20),
        ("functions", 50_000),
        ("function_compile_bytes", 512 << 20),
    ];
    for (name, bound) in bounds {
        assert_eq!(json["compile_limits"][name], bound, "{name}");
    }
}
