//! Hostile handlers, each on bad events among good ones: the bad end with the verdict that says
//! what they did, the good are `ok`. Modules that are no handlers are refused before anything runs.

use crate::support::{Dir, evq, good, guest, many, saying};

/// Runs a guest over good events with bad ones among them, which say `text`. The good must be ok;
/// returns the verdict of the bad, with its message.
#[track_caller]
fn verdict(name: &str, text: &str, options: &[&str]) -> (String, String) {
    let dir = Dir::new();
    let bad = |n: &u32| n % 10 == 4;
    dir.events((0..40).map(|n| if bad(&n) { saying(n, text) } else { good(n) }));
    let typed = evq(["run", &guest(name), "events.ndjson", "--json", "--max-attempts", "1"]);
    let sum = typed.args(options).in_(&dir).assert_code(1).summary();
    assert_eq!((sum.ok, sum.dead, sum.attempts), (36, 4, 40));
    assert_eq!(dir.count("results WHERE status = 'ok' AND output = '\"good\"' AND error IS NULL"), 36);
    assert_eq!(dir.count("results WHERE status = 'dead' AND output IS NULL AND error IS NOT NULL"), 4);
    dir.assert_sound();
    let story = "SELECT verdict, message FROM attempt ORDER BY event_seq LIMIT 1";
    let (verdict, message) =
        dir.sql(story).split_once('|').map(|(v, m)| (v.to_owned(), m.to_owned())).unwrap();
    assert_eq!(dir.count(&format!("attempt WHERE verdict = '{verdict}'")), 4);
    (verdict, message)
}

/// As [`verdict`], for a message that is known to the letter.
#[track_caller]
fn assert_verdict(name: &str, text: &str, options: &[&str], wanted: (&str, &str)) {
    let found = verdict(name, text, options);
    assert_eq!((&*found.0, &*found.1), wanted);
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    let message = "the limit on fuel was hit: 100000 units wanted, 100000 units allowed; raise --fuel";
    assert_verdict("loops", "!", &["--fuel", "100000"], ("fuel_limit", message));
}

#[test]
fn an_endless_loop_burns_what_it_was_given_and_no_more() {
    let dir = Dir::new();
    let typed = evq(["run", &guest("loops"), "-", "--fuel", "100000"]);
    typed.stdin(saying(1, "!")).in_(&dir).assert_code(1);
    assert_eq!(
        dir.count("results WHERE fuel BETWEEN 99990 AND 100000"),
        1,
        "{}",
        dir.sql("SELECT fuel FROM results")
    );
}

#[test]
fn an_endless_loop_with_fuel_for_years_runs_out_of_time() {
    let (verdict, message) = verdict("loops", "!", &["--fuel", "1000000000000000", "--timeout", "200ms"]);
    assert_eq!(verdict, "timeout");
    assert!(message.starts_with("the limit on wall-clock time was hit: "), "{message}");
    assert!(message.ends_with(" ms wanted, 200 ms allowed; raise --timeout"), "{message}");
}

#[test]
fn a_memory_eater_is_stopped_at_the_limit() {
    let message =
        "the limit on memory was hit: 67174400 bytes wanted, 67108864 bytes allowed; raise --max-memory";
    assert_verdict("eats_memory", "!", &[], ("memory_limit", message));
    let message =
        "the limit on memory was hit: 2162688 bytes wanted, 2097152 bytes allowed; raise --max-memory";
    assert_verdict("eats_memory", "!", &["--max-memory", "2MiB"], ("memory_limit", message));
}

#[test]
fn an_endless_recursion_runs_out_of_stack() {
    let message = "the limit on stack was hit: 524288 bytes wanted, 524288 bytes allowed";
    assert_verdict("recurses", "!", &[], ("stack_limit", message));
}

#[test]
fn a_trap_is_told_with_the_names_of_the_functions_it_went_through() {
    assert_verdict("traps", "!", &[], ("trap", "wasm trap: integer divide by zero"));
    let dir = Dir::new();
    let ended = evq(["invoke", &guest("traps"), "-", "--json"]).stdin(saying(1, "!")).in_(&dir);
    let said = ended.assert_code(1).json_lines().remove(0);
    let backtrace = said["backtrace"].as_str().unwrap();
    assert!(backtrace.starts_with("0: divides_by_zero\n1: outer\n2: "), "{backtrace}");
}

#[test]
fn a_trap_after_a_reason_gives_the_reason() {
    let message = "index is 7 (wasm trap: wasm `unreachable` instruction executed)";
    assert_verdict("complains_and_traps", "!", &[], ("trap", message));
}

#[test]
fn a_range_outside_the_memory_breaks_the_abi() {
    for (which, message) in [
        ("a", "`output` was given 1 bytes at 65536, outside its memory of 65536 bytes"),
        ("b", "`output` was given 2 bytes at 65535, outside its memory of 65536 bytes"),
        ("c", "`emit` was given 8 bytes at 4294967288, outside its memory of 65536 bytes"),
        ("d", "`log` was given 4294967288 bytes at 8, outside its memory of 65536 bytes"),
        ("e", "`error` was given 1 bytes at 4294967295, outside its memory of 65536 bytes"),
        ("f", "`random_fill` was given 9 bytes at 65528, outside its memory of 65536 bytes"),
        ("g", "`event_read` was given 1 bytes at 2147483647, outside its memory of 65536 bytes"),
        ("h", "`event_read` of 72 bytes from offset 9, but the event has 72"),
    ] {
        let message = format!("the handler broke the ABI: {message}");
        assert_verdict("wrong_pointers", which, &[], ("abi_violation", &message));
    }
}

#[test]
fn nonsense_breaks_the_abi() {
    for (which, message) in [
        ("a", "`output` was given text that is not UTF-8 at byte 1"),
        ("b", "`output` of kind 0 is not JSON: EOF while parsing a string at line 1 column 5"),
        ("c", "`output` of unknown kind 2; 0 is JSON, 1 is bytes"),
        ("d", "`log` of unknown level 6; 1 is error, 5 is trace"),
        ("e", "`log` was given text that is not UTF-8 at byte 1"),
        (
            "g",
            "`emit` of an invalid event: the emitted event sets `source`; the host does that, so \
               that no handler speaks as another",
        ),
        ("h", "`output` was called twice"),
        ("i", "it returned 42; the codes are 0 to 3"),
        ("j", "it returned -1; the codes are 0 to 3"),
        ("k", "`error` was given text that is not UTF-8 at byte 1"),
    ] {
        let message = format!("the handler broke the ABI: {message}");
        assert_verdict("says_nonsense", which, &[], ("abi_violation", &message));
    }
    let (verdict, message) = verdict("says_nonsense", "f", &[]);
    assert_eq!(verdict, "abi_violation");
    assert!(message.contains("`emit` of an invalid event: not a CloudEvents JSON object"), "{message}");
}

#[test]
fn a_gigabyte_of_output_is_too_much() {
    let message = "the limit on output was hit: 1073741824 bytes wanted, 1048576 bytes allowed";
    assert_verdict("puts_out_a_gigabyte", "!", &[], ("output_limit", message));
}

#[test]
fn logs_without_end_are_too_much() {
    let message = "the limit on logs was hit: 66066 bytes wanted, 65536 bytes allowed";
    assert_verdict("logs_too_much", "!", &[], ("log_limit", message));
}

#[test]
fn events_without_end_are_too_many_and_none_of_them_is_enqueued() {
    let message = "the limit on emitted events was hit: 101 wanted, 100 allowed";
    assert_verdict("emits_too_many", "!", &[], ("emit_limit", message));
    let message = "the limit on bytes of emitted events was hit: 4200000 bytes wanted, 4194304 bytes allowed";
    assert_verdict("emits_too_large", "!", &[], ("emit_limit", message));
}

#[test]
fn a_handler_that_answers_itself_is_stopped_after_some_hops() {
    let dir = Dir::new();
    dir.events([good(1), saying(2, "!"), good(3)]);
    let sum =
        evq(["run", &guest("emits_itself"), "events.ndjson", "--json"]).in_(&dir).assert_code(1).summary();
    assert_eq!((sum.ok, sum.dead), (2 + 16, 1));
    let message = "the limit on hops between emitted events was hit: 17 wanted, 16 allowed";
    assert_eq!(dir.sql("SELECT verdict, message FROM attempt"), format!("hop_limit|{message}"));
    dir.assert_sound();
}

#[test]
fn a_start_function_is_under_the_same_limits() {
    assert_eq!(verdict("start_misbehaves", "l", &["--fuel", "100000"]).0, "fuel_limit");
    let long = ["--fuel", "1000000000000000", "--timeout", "100ms"];
    assert_eq!(verdict("start_misbehaves", "l", &long).0, "timeout");
    let message = "wasm trap: wasm `unreachable` instruction executed";
    assert_verdict("start_misbehaves", "t", &[], ("trap", message));
}

/// Types `check`, `invoke` and `run` with a module, which all must refuse it for the same reasons.
#[track_caller]
fn no_handler(file: &str, bytes: impl AsRef<[u8]>, parts: &[&str]) {
    let dir = Dir::new();
    dir.write(file, bytes).events([good(1)]);
    for command in [&["check", file][..], &["invoke", file, "events.ndjson"], &["run", file, "events.ndjson"]]
    {
        evq(command).in_(&dir).assert_refused(2, &[&[file], parts].concat());
    }
    assert!(!dir.file("evq.db").exists());
}

#[test]
fn files_that_are_no_modules_are_refused_by_what_they_are() {
    no_handler(
        "text.wasm",
        "dear diary",
        &["not WebAssembly", "begins with \"dear diary\"", "wasm-evq build"],
    );
    no_handler("empty.wasm", "", &["not WebAssembly", "the file is empty"]);
    no_handler("component.wasm", b"\0asm\x0d\0\x01\0", &["it is a component that exports neither `handle`"]);
    no_handler("later.wasm", b"\0asm\x02\0\0\0", &["unknown binary version [02, 00, 00, 00]"]);
    no_handler("cut.wasm", b"\0asm\x01\0\0\0\x01\x7f", &["not a valid module", "unexpected end"]);
    no_handler("rubbish.wasm", b"\0asm\x01\0\0\0\xff\xff\xff", &["not a valid module"]);
    no_handler("typo.wat", "(module (fun))", &["not a valid module"]);
}

const MEMORY: &str = r#"(memory (export "memory") 1)"#;
const ENTRY: &str = r#"(func (export "evq_handle_v1") (param i32) (result i32) (i32.const 0))"#;

#[test]
fn modules_that_are_no_handlers_are_refused_with_the_cure() {
    for (parts, reasons) in [
        ("", &["it exports neither `evq_handle_v1`", "nor `_start` (a WASI command"][..]),
        (MEMORY, &["it exports neither `evq_handle_v1` (a handler made with the SDK: write `#[handler]`"]),
        (ENTRY, &["does not export a memory as `memory`"]),
        (
            r#"(func (export "memory")) (global (export "evq_handle_v1") i32 (i32.const 0))"#,
            &["`evq_handle_v1` is not a function (i32) -> i32", "does not export a memory"],
        ),
        (
            r#"(memory (export "memory") 1) (func (export "evq_handle_v1") (param i64) (result i32) (i32.const 0))"#,
            &["`evq_handle_v1` is not a function (i32) -> i32"],
        ),
    ] {
        no_handler("handler.wat", format!("(module {parts})"), reasons);
    }
}

#[test]
fn imports_that_nobody_serves_are_named_all_together() {
    let imports = r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
        (import "env" "now" (func)) (import "evq_v1" "sleep" (func (param i64)))
        (import "evq_v1" "emit" (func (param i32)))"#;
    no_handler(
        "imports.wat",
        format!("(module {imports} {MEMORY} {ENTRY})"),
        &[
            "`wasi_snapshot_preview1.fd_write`; WASI is served to commands, which export `_start`",
            "`env.now`; handlers made with the SDK import from `evq_v1` alone",
            "`evq_v1.sleep`, which version 1 does not have",
            "`evq_v1.emit` with another type",
        ],
    );
}

#[test]
fn memories_that_the_abi_cannot_name_are_refused() {
    let large = format!(r#"(module (memory (export "memory") 2000) {ENTRY})"#);
    no_handler("large.wat", large, &["starts at 131072000 bytes, the limit is 67108864; raise --max-memory"]);
    let wide = format!(r#"(module (memory (export "memory") i64 1) {ENTRY})"#);
    no_handler("wide.wat", wide, &["not a valid module", "memory64"]);
    let two = format!("(module {MEMORY} (memory 1) {ENTRY})");
    no_handler("two.wat", two, &["not a valid module", "multi"]);
    let shared = format!(r#"(module (memory (export "memory") 1 2 shared) {ENTRY})"#);
    no_handler("shared.wat", shared, &["not a valid module", "threads"]);
}

/// Each page that lies alone is two of the kernel's mappings, of which a process has 65,530.
#[test]
fn memories_written_here_and_there_by_many_workers_are_no_ones_fault() {
    let dir = Dir::new();
    dir.events(many(2_000));
    let ran = evq(["run", &guest("strides"), "events.ndjson", "--workers", "200", "--json"]).in_(&dir);
    let summary = ran.assert_code(0).summary();
    assert_eq!((summary.ok, summary.attempts), (2_000, 2_000));
}
