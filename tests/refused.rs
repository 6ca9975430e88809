//! What is typed wrong: one line that says what, where and what to do; exit code 2; nothing made.

use crate::support::{Dir, evq, good, guest};

/// Types `run` with these arguments, which must be refused with a line that says these things.
#[track_caller]
fn refused(args: &[&str], parts: &[&str]) {
    let dir = Dir::new();
    dir.events([good(1)]).write("folder.d", "");
    std::fs::create_dir(dir.file("folder")).unwrap();
    evq(["run"]).args(args).in_(&dir).assert_refused(2, parts);
    assert!(!dir.file("evq.db").exists(), "a database was made");
}

#[test]
fn a_file_of_events_that_is_missing() {
    refused(&[&guest("echoes"), "events.ndjson", "no-such.ndjson"], &["no-such.ndjson", "No such file"]);
}

#[test]
fn a_folder_instead_of_a_file_of_events() {
    refused(&[&guest("echoes"), "folder"], &["folder", "give the NDJSON files in it"]);
}

#[test]
fn a_handler_that_is_missing() {
    refused(&["no-such.wasm", "events.ndjson"], &["no-such.wasm", "No such file"]);
}

#[test]
fn a_folder_instead_of_a_handler() {
    refused(&["folder", "events.ndjson"], &["folder", "irectory"]);
}

#[test]
fn values_that_make_no_sense() {
    for (option, value, cure) in [
        ("--timeout", "0s", "1ms to 1h"),
        ("--timeout", "soon", "write a time such as 5s"),
        ("--max-memory", "1KiB", "64KiB to 4GiB"),
        ("--max-memory", "much", "write a size such as 64MiB"),
        ("--fuel", "0", "at least 1"),
        ("--fuel", "lots", "--fuel"),
        ("--max-event", "1B", "64B to 1GiB"),
        ("--max-attempts", "0", "1 to 1000"),
        ("--workers", "0", "1 to 256"),
        ("--workers", "1000", "1 to 256"),
        ("--workers", "two", "--workers"),
        ("--name", "no/slash", "a-z"),
        ("--name", "", "a-z"),
        ("--retry-delay", "never", "write a time such as 5s"),
        ("--raw", "", "`type` is empty"),
        ("--id-pointer", "/id", "--raw"),
        ("--no-such-option", "1", "--no-such-option"),
    ] {
        refused(&[&guest("echoes"), "events.ndjson", option, value], &[cure]);
    }
}

#[test]
fn a_pointer_that_is_none() {
    refused(&[&guest("echoes"), "-", "--raw", "t", "--id-pointer", "id"], &["begins with '/'"]);
}

#[test]
fn two_formats_for_one_standard_output() {
    refused(&[&guest("echoes"), "-", "--json", "--print"], &["--json", "--print"]);
}

#[test]
fn a_database_in_a_folder_that_is_not_there() {
    let dir = Dir::new();
    let typed = evq(["run", &guest("echoes"), "-", "--db", "no/such/evq.db"]);
    typed.in_(&dir).assert_refused(3, &["no/such/evq.db", "No such file"]);
}

#[test]
fn a_command_without_its_arguments_and_one_that_does_not_exist() {
    let dir = Dir::new();
    evq(["run"]).in_(&dir).assert_refused(2, &["HANDLER"]);
    evq(["frobnicate"]).in_(&dir).assert_refused(2, &["frobnicate"]);
}

#[test]
fn reading_a_database_that_is_not_there() {
    let dir = Dir::new();
    for command in [&["results"][..], &["stats"], &["show", "1"], &["dead", "list"], &["dead", "retry"]] {
        evq(command).in_(&dir).assert_refused(3, &["no database at evq.db", "wasm-evq run"]);
    }
    assert!(!dir.file("evq.db").exists());
}

#[test]
fn a_rival_that_is_missing_is_told_before_anything_is_measured() {
    let dir = Dir::new();
    let bench = || evq(["bench", "--dir", "."]);
    bench()
        .args(&["--wasmtime-serve", "no-such.wasm"])
        .in_(&dir)
        .assert_refused(2, &["no-such.wasm is no file", "tests/peers/build"]);
    bench().args(&["--only", "rivals"]).in_(&dir).assert_refused(2, &["--wasmtime-serve COMPONENT"]);
}
