//! Handlers of every kind behave alike: the same verdicts, limits and records, whether they are made with the
//! SDK, are commands for WASI, components, or handlers of HTTP.
//!
//! `tests/guests/kinds/build` makes the guests; all do what `behaviours` says.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::{Dir, Served, evq, saying};

const KINDS: [&str; 5] = ["core", "wasi_0_1", "wasi_0_2", "component", "http"];

/// What `invoke` says of one event with this word.
fn invoke(handler: &str, word: &str) -> String {
    let dir = Dir::new();
    dir.write("event.json", saying(1, word));
    evq(["invoke", handler, "event.json"]).in_(&dir).stdout().to_owned()
}

pub fn kind(name: &str) -> String {
    let path = format!("{}/../tests/guests/kinds/built/{name}.wasm", env!("CARGO_MANIFEST_DIR"));
    assert!(Path::new(&path).is_file(), "no {path}; tests/guests/kinds/build makes it");
    path
}

/// How an event ended: its verdict, and its output or the reason.
type End = (String, String);

/// Runs an event for each word, with fuel for a fraction of a second; what ends without failure is `ok`.
fn run(dir: &Dir, name: &str, words: &[&str]) -> BTreeMap<String, End> {
    dir.events(words.iter().map(|word| saying(word, word)));
    let options = ["--fuel", "100000000", "--max-attempts", "1", "--workers", "2", "--timeout", "60s"];
    evq(["run", &kind(name), "events.ndjson", "--quiet"]).args(&options).in_(dir);
    let ends = dir.sql(
        "SELECT event_id, coalesce((SELECT verdict FROM attempt WHERE event_seq = event.seq), 'ok'), \
         CASE typeof(output) WHEN 'blob' THEN hex(output) ELSE coalesce(output, error, '') END \
         FROM results JOIN event ON event.id = event_id ORDER BY 1",
    );
    let end = |line: &str| {
        let mut parts = line.splitn(3, '|').map(str::to_owned);
        (parts.next().unwrap(), (parts.next().unwrap(), parts.next().unwrap()))
    };
    ends.lines().map(end).collect()
}

/// Runs the words, and demands of each the verdict and the start of its output or reason.
#[track_caller]
fn assert_ends(name: &str, wanted: &[(&str, &str, &str)]) -> Dir {
    let dir = Dir::new();
    let words: Vec<&str> = wanted.iter().map(|(word, ..)| *word).collect();
    let ends = run(&dir, name, &words);
    for (word, verdict, said) in wanted {
        let end = ends.get(*word).unwrap_or_else(|| panic!("{name} has no end for {word}"));
        assert!(end.0 == *verdict && end.1.starts_with(said), "{name}, {word}: {end:?}");
    }
    dir.assert_sound();
    dir
}

/// What is a function of the event comes out the same when it is run again, on memory of another kind.
fn assert_verified(dir: &Dir) {
    evq(["verify", "--all", "--workers", "3"]).in_(dir).assert_code(0);
}

const ALIKE: [(&str, &str, &str); 15] = [
    ("answers", "ok", r#"{"answer":[1,2.50,"three"]}"#),
    ("answers-in-bytes", "ok", "FF007B"),
    ("answers-nothing", "ok", ""),
    ("answers-too-much", "output_limit", "the limit on output was hit: "),
    ("counts", "ok", "1"),
    ("eats", "memory_limit", "the limit on memory was hit: "),
    ("fails", "failed", "it fails"),
    ("logs", "ok", ""),
    ("logs-without-end", "log_limit", "the limit on logs was hit: "),
    ("looks-around", "ok", "["),
    ("loops", "fuel_limit", "the limit on fuel was hit: "),
    ("recurses", "stack_limit", "the limit on stack was hit: "),
    ("tells-its-environment", "ok", "[null,null,null]"),
    ("traps", "trap", "wasm trap: wasm `unreachable` instruction executed"),
    ("watches-the-clock", "fuel_limit", "the limit on fuel was hit: "),
];

#[test]
fn every_kind_ends_alike_and_the_same_again() {
    for name in KINDS {
        assert_verified(&assert_ends(name, &ALIKE));
    }
}

#[test]
fn no_retry_is_asked_for_by_what_can_say_so() {
    for name in ["core", "wasi_0_1", "component", "http"] {
        assert_ends(name, &[("never", "permanent", "it never will")]);
        let said = invoke(&kind(name), "later");
        assert!(said.contains("retry_after") && said.contains("not yet"), "{name}: {said}");
    }
}

#[test]
fn every_event_has_an_instance_of_its_own_in_every_kind() {
    for name in KINDS {
        let dir = Dir::new();
        dir.events((0..500).map(|n| saying(n, "counts")));
        evq(["run", &kind(name), "events.ndjson", "--workers", "3", "--quiet"]).in_(&dir).assert_code(0);
        assert_eq!(dir.sql("SELECT output, count(*) FROM results GROUP BY 1"), "1|500", "{name}");
    }
}

#[test]
fn clock_and_random_numbers_are_the_events_own_in_every_kind() {
    let seen = |name: &str| {
        let dir = Dir::new();
        dir.events([saying(1, "looks-around"), saying(2, "looks-around")]);
        evq(["run", &kind(name), "events.ndjson", "--quiet"]).in_(&dir).assert_code(0);
        let clock = "abs(output ->> 0 - event.accepted_at_ms)";
        assert_eq!(
            dir.sql(&format!("SELECT max({clock}) FROM results JOIN event ON event.id = event_id")),
            "0"
        );
        dir.sql("SELECT output ->> 1 FROM results ORDER BY event_id")
    };
    let numbers = seen("core");
    assert_ne!(numbers.lines().next(), numbers.lines().last());
    for name in KINDS {
        assert_eq!(seen(name), numbers, "{name}");
    }
}

#[test]
fn what_is_granted_is_had_by_every_kind() {
    for name in KINDS {
        let dir = Dir::new();
        dir.write("key", "yellow-bird\n").events((0..200).map(|n| saying(n, "tells-its-environment")));
        let grants = ["--env", "CURRENCY=EUR", "--env", "EMPTY=", "--secret-file", "API_KEY=key"];
        let typed = evq(["run", &kind(name), "events.ndjson", "--workers", "3", "--quiet"]).args(&grants);
        typed.in_(&dir).assert_code(0);
        let told = r#"["EUR","drib-wolley",null]|200"#;
        assert_eq!(dir.sql("SELECT output, count(*) FROM results GROUP BY 1"), told, "{name}");
    }
}

#[test]
fn log_lines_come_from_standard_error_too() {
    for name in KINDS {
        let said = invoke(&kind(name), "logs");
        assert!(said.contains("log info     first\nlog info     second\n"), "{name}: {said}");
    }
}

/// Instances of components come from a pool: it has room for one that is tried beside those of the queue.
#[test]
fn an_event_that_is_tried_takes_no_room_from_the_queue() {
    let dir = Dir::new();
    let typed = evq(["serve", &kind("component"), "--listen", "127.0.0.1:0", "--json", "--workers", "1"]);
    let served = Served::start(&dir, typed);
    let event = [("content-type", "application/cloudevents+json")];
    std::thread::scope(|scope| {
        let tried =
            scope.spawn(|| served.post("/handlers/component/invoke", &event, saying("t", "loops")).json());
        let mut beside = 0;
        while !tried.is_finished() {
            let said = served.post_event("/events?wait=30s", saying(beside, "answers")).json();
            assert_eq!(said["status"], "ok", "{said}");
            beside += 1;
        }
        assert_eq!(tried.join().unwrap()["verdict"], "fuel_limit");
        assert!(beside > 1, "{beside}");
    });
}

/// Where the output is returned, what a library or a forgotten `print` writes is no part of it.
#[test]
fn what_is_printed_beside_a_returned_output_is_logged() {
    let said = invoke(&kind("http"), "prints");
    assert!(said.contains("output       true\n") && said.contains("log info     a printed line\n"), "{said}");
}

#[test]
fn commands_are_contained_in_what_they_alone_can_do() {
    for name in ["wasi_0_1", "wasi_0_2"] {
        let dir = assert_ends(
            name,
            &[
                ("sleeps", "ok", "1500"),
                ("sleeps-an-hour", "timeout", "the limit on wall-clock time was hit: 3600000 ms wanted"),
                ("reads-without-end", "fuel_limit", "the limit on fuel was hit: "),
                ("writes-without-end", "output_limit", "the limit on output was hit: "),
                ("mutters", "ok", ""),
                ("spaces", "ok", r#"{"spaced": true}"#),
            ],
        );
        assert_verified(&dir);
    }
    assert_ends(
        "wasi_0_1",
        &[("exits-3", "failed", "exit code 3"), ("opens-a-file", "failed", "not capable")],
    );
    assert_ends(
        "wasi_0_2",
        &[
            ("exits", "failed", "exit code 1"),
            ("opens-a-socket", "failed", "access denied"),
            ("hoards-handles", "handle_limit", "the limit on handles held at a time was hit: 10001 wanted"),
        ],
    );
}

#[test]
fn what_is_denied_is_named_in_the_log() {
    for (name, word, line) in [
        ("wasi_0_1", "opens-a-file", "`path_open` was denied: no files are granted to this handler"),
        (
            "wasi_0_2",
            "opens-a-socket",
            "`create-tcp-socket` was denied: no sockets are granted to this handler",
        ),
        ("http", "calls-out", "`wasi:http/outgoing-handler` was denied: no HTTP requests are granted"),
    ] {
        let said = invoke(&kind(name), word);
        assert!(said.contains(&format!("log warn     {line}")), "{name}: {said}");
    }
}

#[test]
fn components_emit_events_and_break_the_contract_like_any_other() {
    let broken = "the handler broke the ABI: ";
    let dir = assert_ends(
        "component",
        &[
            ("emits", "ok", "1"),
            ("emits-nonsense", "abi_violation", &format!("{broken}`emit` of an invalid event")),
            (
                "answers-nonsense",
                "abi_violation",
                &format!("{broken}`handle` answered with `json` that is none"),
            ),
        ],
    );
    assert_eq!(dir.count("results WHERE source = '/wasm-evq/handlers/component' AND status = 'ok'"), 1);
    assert_verified(&dir);
}

#[test]
fn handlers_of_http_are_contained_in_what_they_alone_can_do() {
    let dir = assert_ends(
        "http",
        &[
            ("answers-by-an-error", "failed", "it answered InternalError"),
            ("answers-by-no-response", "failed", "it set no response"),
            ("calls-out", "failed", "denied (status 500)"),
            (
                "hoards-fields",
                "abi_violation",
                "the handler broke the ABI: it made more than 1048576 bytes of HTTP",
            ),
            ("never-ends-its-body", "output_limit", "the limit on output was hit: "),
        ],
    );
    assert_verified(&dir);
}

/// Written for `wasmtime serve` (see `tests/peers`), run as it is, beside the same handler made with the SDK.
#[test]
fn a_component_made_for_a_server_settles_events_unchanged() {
    let root = format!("{}/..", env!("CARGO_MANIFEST_DIR"));
    let results = |handler: &str| {
        let dir = Dir::new();
        let events = format!("{root}/examples/orders/events.ndjson");
        evq(["run", handler, &events, "--quiet"]).in_(&dir);
        dir.sql("SELECT event_id, status, attempts, output FROM results ORDER BY event_id")
    };
    let served = results(&kind("serve"));
    assert!(served.lines().filter(|line| line.contains("|ok|1|{")).count() > 2, "{served}");
    assert!(served.lines().any(|line| line.contains("|dead|1|")), "{served}");
    assert_eq!(served, results(&format!("{root}/examples/orders/orders.wasm")));
}

#[test]
fn a_module_that_is_of_no_kind_or_of_two_is_told_what_each_needs() {
    for (text, reasons) in [
        (
            r#"(module (memory (export "memory") 1))"#,
            &["exports neither `evq_handle_v1`", "nor `_start`"][..],
        ),
        (
            r#"(module (memory (export "memory") 1) (func (export "_start"))
                (func (export "evq_handle_v1") (param i32) (result i32) (i32.const 0)))"#,
            &["exports both `evq_handle_v1` and `_start`"],
        ),
        (r#"(module (func (export "_start")))"#, &["does not export a memory as `memory`"]),
        (
            r#"(module (memory (export "memory") 1) (func (export "_start") (param i32)))"#,
            &["its export `_start` is not a function () -> ()"],
        ),
        (
            r#"(module (import "env" "now" (func)) (memory (export "memory") 1) (func (export "_start")))"#,
            &["it imports `env.now`; WASI commands import from `wasi_snapshot_preview1` alone"],
        ),
        (
            r#"(module (import "wasi_snapshot_preview1" "fd_fly" (func))
                (memory (export "memory") 1) (func (export "_start")))"#,
            &["unknown import", "fd_fly"],
        ),
        (
            "(component)",
            &["exports neither `handle`", "nor `wasi:cli/run@0.2`", "`wasi:http/incoming-handler@0.2`"],
        ),
        (
            r#"(component (core module $m (func (export "handle"))) (core instance $i (instantiate $m))
                (func (export "handle") (canon lift (core func $i "handle"))))"#,
            &["`handle` is not the one of guest-sdk/wit/handler.wit: func(event: string) -> result<"],
        ),
        (
            r#"(component (import "other:world/clock@1.0.0" (instance (export "now" (func))))
                (core module $m (func (export "run") (result i32) (i32.const 0)))
                (core instance $i (instantiate $m))
                (func $run (result (result)) (canon lift (core func $i "run")))
                (instance $run-of (export "run" (func $run)))
                (export "wasi:cli/run@0.2.0" (instance $run-of)))"#,
            &["it imports `other:world/clock@1.0.0`, which is not served"],
        ),
    ] {
        let dir = Dir::new();
        dir.write("handler.wat", text);
        evq(["check", "handler.wat"]).in_(&dir).assert_refused(2, reasons);
    }
}

/// An exit code of WASI 0.2's own, where a component has it.
#[test]
fn a_component_that_knows_exit_codes_is_understood() {
    let exits = |code: u32| {
        format!(
            r#"(component
                (import "wasi:cli/exit@0.2.12" (instance $exit
                    (export "exit-with-code" (func (param "status-code" u8)))))
                (core func $leave (canon lower (func $exit "exit-with-code")))
                (core module $m (import "host" "leave" (func $leave (param i32)))
                    (func (export "run") (result i32) (call $leave (i32.const {code})) unreachable))
                (core instance $i (instantiate $m
                    (with "host" (instance (export "leave" (func $leave))))))
                (func $run (result (result)) (canon lift (core func $i "run")))
                (instance $run-of (export "run" (func $run)))
                (export "wasi:cli/run@0.2.12" (instance $run-of)))"#
        )
    };
    for (code, verdict) in [(0, "ok"), (3, "failed"), (65, "permanent"), (75, "retry_after")] {
        let dir = Dir::new();
        dir.write("exits.wat", exits(code));
        let said = invoke(&dir.file("exits.wat").to_string_lossy(), ".");
        assert!(said.starts_with(&format!("verdict      {verdict}\n")), "{code}: {said}");
    }
}
