//! `verify`: recorded attempts run again come out the same, and what was changed is found.

use crate::support::{Dir, Output, evq, good, guest, many, saying, until};

const ALLOCATORS: [&str; 3] = ["on-demand", "pooling", "resident"];

/// Small enough for a guest that loops, large enough for the others.
const FUEL: &str = "5000000";

/// Handlers that together end in every way that is a function of the event, on events that make them.
const HANDLERS: [&str; 18] = [
    "asks_for_later",
    "complains_and_traps",
    "counts_in_data",
    "eats_memory",
    "emits_itself",
    "emits_too_many",
    "fails",
    "fails_for_good",
    "fans_out",
    "logs_and_answers",
    "logs_too_much",
    "loops",
    "puts_out_a_gigabyte",
    "recurses",
    "says_nonsense",
    "start_misbehaves",
    "tells_what_it_sees",
    "traps",
];

fn run(dir: &Dir, handler: &str) {
    let options = ["--fuel", FUEL, "--max-attempts", "2", "--retry-delay", "1ms", "--quiet"];
    let ended = evq(["run", &guest(handler), "events.ndjson"]).args(&options).in_(dir);
    assert_eq!(ended.stderr(), "");
}

/// A database in which attempts ended in every way.
fn all_verdicts() -> Dir {
    let dir = Dir::new();
    dir.events([".", "a", "b", "c", "f", "l", "r", "t", "x"].map(|text| saying(text, text)));
    HANDLERS.iter().for_each(|handler| run(&dir, handler));
    dir
}

/// The report, which is the last line of `verify --json`, after as many differences.
#[track_caller]
fn report(verified: &Output) -> serde_json::Value {
    let mut lines = verified.json_lines();
    let report = lines.pop().expect("a report");
    assert_eq!(report["kind"], "report");
    assert!(lines.iter().all(|line| line["kind"] == "difference"));
    assert_eq!(report["different"], lines.len());
    report
}

#[test]
fn every_verdict_that_is_a_function_of_the_event_comes_out_the_same_on_any_memory() {
    let dir = all_verdicts();
    let verdicts = "SELECT group_concat(verdict) FROM (SELECT DISTINCT verdict FROM attempt ORDER BY 1)";
    assert_eq!(
        dir.sql(verdicts),
        "abi_violation,emit_limit,failed,fuel_limit,hop_limit,log_limit,memory_limit,ok,output_limit,\
         permanent,retry_after,stack_limit,trap"
    );
    let silent = "outcome WHERE dead = 0 AND NOT EXISTS \
                  (SELECT 1 FROM attempt a WHERE a.event_seq = outcome.event_seq \
                   AND a.handler_id = outcome.handler_id AND a.number = outcome.attempts)";
    let attempts = dir.count("attempt") + dir.count(silent);
    for allocator in ALLOCATORS {
        let typed = evq(["verify", "--all", "--json", "--workers", "3", "--allocator", allocator]);
        let report = report(&typed.in_(&dir).assert_code(0));
        assert_eq!(
            (&report["checked"], &report["equal"]),
            (&attempts.into(), &attempts.into()),
            "{allocator}"
        );
    }
}

#[test]
fn thousands_of_attempts_come_out_the_same() {
    let attempts = std::env::var("EVQ_VERIFIED_ATTEMPTS").ok().and_then(|text| text.parse().ok());
    let attempts: u32 = attempts.unwrap_or(3000);
    let dir = Dir::new();
    dir.events(many(attempts / 3));
    for handler in ["echoes", "tells_what_it_sees", "fans_out"] {
        evq(["run", &guest(handler), "events.ndjson", "--quiet", "--retry-delay", "1ms"]).in_(&dir);
    }
    let seed = crate::support::seed() & 0xFFFF_FFFF;
    let typed = evq(["verify", "--all", "--json", "--workers", "4", "--seed", &seed.to_string()]);
    let report = report(&typed.in_(&dir).assert_code(0));
    assert_eq!(report["seed"], seed);
    assert!(report["checked"].as_u64().unwrap() >= u64::from(attempts / 3) * 3, "{report}");
    println!("EVIDENCE verified_attempts={} verify_differences={}", report["checked"], report["different"]);
}

/// What is changed by hand is found, on the field that was changed, and the event is named.
#[test]
fn a_record_that_was_changed_is_found_and_its_event_named() {
    for (handler, text, change, field) in [
        ("echoes", "no", "UPDATE outcome SET output = '{}' WHERE event_seq = 2", "output"),
        ("echoes", "no", "UPDATE outcome SET output = CAST(output AS BLOB) WHERE event_seq = 2", "output"),
        ("echoes", "no", "UPDATE outcome SET fuel = fuel + 1 WHERE event_seq = 2", "fuel"),
        (
            "echoes",
            "no",
            "UPDATE outcome SET dead = 1, error = 'no', output = NULL WHERE event_seq = 2",
            "verdict",
        ),
        ("fails_for_good", "no", "UPDATE attempt SET message = 'yes' WHERE event_seq = 2", "message"),
        ("fails_for_good", "no", "UPDATE outcome SET error = 'yes' WHERE event_seq = 2", "result_error"),
        ("fails_for_good", "no", "DELETE FROM attempt WHERE event_seq = 2", "verdict"),
        ("traps", "no", "UPDATE attempt SET verdict = 'failed' WHERE event_seq = 2", "verdict"),
        (
            "complains_and_traps",
            "no",
            "UPDATE attempt SET logs = '[[\"info\",\"x\"]]' WHERE event_seq = 2",
            "logs",
        ),
        (
            "fans_out",
            ".",
            "UPDATE event SET json = replace(json, 'type', 'tYpe') WHERE parent_seq = 2",
            "emitted",
        ),
        ("fans_out", ".", "UPDATE emitted SET sha256 = zeroblob(32) WHERE event_seq = 2", "emitted"),
        ("fans_out", ".", "DELETE FROM emitted WHERE event_seq = 2", "emitted"),
    ] {
        let dir = Dir::new();
        dir.events(["1", "2", "3"].map(|id| saying(id, text)));
        run(&dir, handler);
        evq(["verify", "--all"]).in_(&dir).assert_code(0);
        dir.change(change);
        let verified = evq(["verify", "--all", "--json"]).in_(&dir).assert_code(1);
        report(&verified);
        let lines = verified.json_lines();
        let found = lines.iter().find(|line| line["event_id"] == "2").unwrap_or_else(|| panic!("{change}"));
        assert_eq!((&found["source"], &found["attempt"]), (&"/test".into(), &1.into()));
        assert!(found["fields"][field]["recorded"] != found["fields"][field]["now"], "{change}: {found}");
    }
}

#[test]
fn a_difference_is_shown_with_both_sides_and_the_rest_is_counted() {
    let dir = Dir::new();
    dir.events(many(5));
    evq(["run", &guest("counts"), "events.ndjson", "--quiet"]).in_(&dir).assert_code(0);
    dir.change("UPDATE outcome SET output = '7\u{1b}[2J'");
    let verified = evq(["verify", "--show", "2"]).in_(&dir).assert_code(1);
    let text = verified.stdout();
    assert_eq!(text.matches("different: event ").count(), 2, "{text}");
    assert!(text.contains("  output        recorded  7\\u{1b}[2J\n                now       1\n"), "{text}");
    assert!(text.contains("... and 3 more that differ"), "{text}");
    assert!(text.contains("a sample: 5 checked: 0 equal, 5 different; 0 not comparable (seed "), "{text}");
}

/// What depends on the machine, or lacks what it would take, is no difference, and is not left out.
#[test]
fn what_cannot_be_compared_is_counted_by_reason() {
    for (change, reason) in [
        ("UPDATE attempt SET verdict = 'lost'", "lost"),
        ("UPDATE attempt SET verdict = 'timeout'", "timeout"),
        ("UPDATE attempt SET verdict = 'host_panic'", "host_panic"),
        ("UPDATE module SET engine = 'wasmtime-1'", "other_engine"),
        ("UPDATE module SET limits = NULL", "limits_unknown"),
        ("UPDATE module SET limits = '{}'", "limits_unknown"),
        ("DELETE FROM module_bytes", "module_missing"),
        ("UPDATE module_bytes SET bytes = CAST('(module)' AS BLOB)", "module_damaged"),
    ] {
        let dir = Dir::new();
        dir.events([saying(1, "no"), saying(2, "no")]);
        run(&dir, "fails_for_good");
        dir.change(change);
        let report = report(&evq(["verify", "--all", "--json"]).in_(&dir).assert_code(0));
        assert_eq!(
            (&report["checked"], &report["not_comparable"][reason]["attempts"]),
            (&0.into(), &2.into())
        );
        let text = evq(["verify"]).in_(&dir).assert_code(0).stdout().to_owned();
        assert!(text.contains("2 not comparable") && text.contains("the first: event "), "{text}");
    }
}

#[test]
fn a_module_that_does_not_compile_any_more_is_told() {
    let dir = Dir::new();
    run_one(&dir);
    let bytes = b"\0asm\x01\0\0\0 and no more of a module";
    let sha256 = <sha2::Sha256 as sha2::Digest>::digest(bytes);
    dir.change(&format!(
        "UPDATE module SET sha256 = x'{0}'; UPDATE module_bytes SET sha256 = x'{0}', bytes = x'{1}'",
        hex::encode(sha256),
        hex::encode(bytes)
    ));
    let report = report(&evq(["verify", "--json"]).in_(&dir).assert_code(0));
    let told = report["not_comparable"]["module_unusable"]["first"].as_str().unwrap();
    assert!(told.contains("is not a valid module"), "{told}");
}

fn run_one(dir: &Dir) {
    evq(["run", &guest("echoes"), "--quiet"]).stdin(good(1)).in_(dir).assert_code(0);
}

#[test]
fn an_event_is_verified_by_its_id() {
    let dir = Dir::new();
    run_one(&dir);
    evq(["run", &guest("echoes"), "--quiet"]).stdin(good(2)).in_(&dir).assert_code(0);
    let report = report(&evq(["verify", "--event", "2", "--json"]).in_(&dir).assert_code(0));
    assert_eq!(report["checked"], 1);
    let unknown = evq(["verify", "--event", "3"]).in_(&dir);
    unknown.assert_refused(1, &["no event with id \"3\" in evq.db"]);
}

#[test]
fn a_database_without_attempts_has_nothing_that_differs() {
    let dir = Dir::new();
    evq(["run", &guest("echoes"), "--quiet"]).in_(&dir).assert_code(0);
    let report = report(&evq(["verify", "--all", "--json"]).in_(&dir).assert_code(0));
    assert_eq!(report["checked"], 0);
    evq(["verify", "--db", "none.db"]).in_(&dir).assert_refused(3, &["no database at none.db"]);
}

#[test]
fn the_same_seed_takes_the_same_sample() {
    let dir = Dir::new();
    dir.events(many(300));
    run(&dir, "fails");
    dir.change("UPDATE outcome SET output = '[]'");
    let sample = |seed| {
        let verified = evq(["verify", "--sample", "20", "--json", "--seed", seed]).in_(&dir).assert_code(1);
        let mut ids: Vec<_> = verified.json_lines().iter().map(|line| line["event_id"].to_string()).collect();
        ids.sort_unstable();
        assert_eq!(ids.len(), 21);
        ids
    };
    assert_eq!(sample("7"), sample("7"));
    assert_ne!(sample("7"), sample("8"));
}

#[test]
fn a_run_goes_on_beside_it() {
    let dir = Dir::new();
    let mut running = evq(["run", &guest("echoes"), "-"]).start_in(&dir);
    running.write(many(500).map(|line| line + "\n").collect::<String>().as_bytes());
    until("events are settled", || (dir.count("outcome") == 500).then_some(()));
    let report = report(&evq(["verify", "--all", "--json"]).in_(&dir).assert_code(0));
    assert_eq!(report["checked"], 500);
    running.write(good("last").as_bytes());
    running.wait().assert_code(0);
    assert_eq!(dir.count("outcome"), 501);
}
