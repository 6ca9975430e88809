//! The commands as a person types them first, with handlers compiled by the real compiler.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::{Dir, Evq, Output, evq};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Types `wasm-evq build`; `None` on a machine without a compiler for handlers, except in CI, which
/// must have one.
fn build(typed: Evq, dir: &Dir) -> Option<Output> {
    // One folder for all handlers of the tests: the SDK is compiled once.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("handlers");
    let compiling = typed.env("CARGO_TARGET_DIR", target).start_in(dir);
    let built = compiling.wait_within(Duration::from_secs(600));
    let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    if built.stderr().contains("rustup target add") && !in_ci {
        println!("left out: {}", built.stderr());
        return None;
    }
    Some(built.assert_code(0))
}

#[test]
fn the_five_commands_work_as_typed() {
    let dir = Dir::new();
    evq(["new", "shout"]).in_(&dir).assert_code(0);
    let crate_dir = dir.inside("shout");
    let Some(built) = build(evq(["build"]), &crate_dir) else { return };
    assert!(built.stdout().starts_with("./shout.wasm: ") || built.stdout().starts_with("shout.wasm: "));
    let invoked = evq(["invoke", "shout.wasm", "event.json"]).in_(&crate_dir).assert_code(0);
    assert!(invoked.stdout().starts_with("verdict      ok"), "{}", invoked.stdout());
    let events = std::fs::read_to_string(crate_dir.file("events.ndjson")).unwrap().lines().count() as u64;
    let ran = evq(["run", "shout.wasm", "events.ndjson", "--json"]).in_(&crate_dir).assert_code(0);
    assert_eq!(ran.summary().ok, events);
    assert_eq!(crate_dir.count("results WHERE status = 'ok' AND json_valid(output)"), events);
}

/// A value of one character, and one that is longer than most.
#[test]
fn a_handler_made_with_the_sdk_has_what_is_granted_to_it() {
    let dir = Dir::new();
    evq(["new", "asks"]).in_(&dir).assert_code(0);
    let crate_dir = dir.inside("asks");
    let source = r#"use wasm_evq_guest::{Event, env, handler};

#[handler]
fn handle(_: Event) -> [Option<String>; 3] {
    ["SHORT", "LONG", "NONE"].map(env)
}
"#;
    crate_dir.write("src/lib.rs", source);
    let long = "v".repeat(3000);
    let granted = ["--json", "--env", "SHORT=s", "--env", &format!("LONG={long}")];
    for form in [&["build"][..], &["build", "--component"]] {
        if build(evq(form), &crate_dir).is_none() {
            return;
        }
        let invoked = evq(["invoke", "asks.wasm", "event.json"]).args(&granted).in_(&crate_dir);
        assert_eq!(invoked.assert_code(0).json_lines()[0]["output"], serde_json::json!(["s", long, null]));
    }
}

#[test]
fn a_folder_that_is_there_already_is_left_alone() {
    let dir = Dir::new();
    evq(["new", "shout"]).in_(&dir).assert_code(0);
    evq(["new", "shout"]).in_(&dir).assert_refused(2, &["shout"]);
    evq(["new", "../up"]).in_(&dir).assert_refused(2, &["../up"]);
}

#[test]
fn build_in_a_folder_without_a_crate_is_refused() {
    evq(["build"]).in_(&Dir::new()).assert_refused(2, &["no Cargo.toml", "wasm-evq new"]);
}

#[test]
fn every_webhook_gets_a_line_and_a_second_run_changes_nothing() {
    let webhooks = repository().join("../shared/data/github-webhooks.ndjson");
    if !webhooks.is_file() {
        println!("left out: no webhooks beside this checkout");
        return;
    }
    let dir = Dir::new();
    let example = repository().join("examples/github-digest");
    let typed = evq(["build"]).args(&[example.to_str().unwrap(), "-o", "github-digest.wasm"]);
    if build(typed, &dir).is_none() {
        return;
    }
    std::fs::copy(webhooks, dir.file("events.ndjson")).unwrap();
    let run =
        || evq(["run", "github-digest.wasm", "events.ndjson", "--json"]).in_(&dir).assert_code(0).summary();
    let first = run();
    assert_eq!((first.read, first.ok, first.dead, first.rejected), (213, 213, 0, 0));
    assert_eq!(dir.count("results WHERE json_valid(output) AND attempts = 1"), 213);
    let before = dir.dump();
    let second = run();
    assert_eq!((second.duplicates, second.enqueued, second.attempts), (213, 0, 0));
    assert!(before == dir.dump(), "the second run changed a table");
}

#[test]
fn every_shell_gets_a_completion_script_that_names_the_commands() {
    let dir = Dir::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = evq(["completions", shell]).in_(&dir).assert_code(0);
        assert!(script.stdout().contains("invoke") && script.stdout().contains("dead"), "{shell}");
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    let dir = Dir::new();
    for args in [&["--help"][..], &["run", "--help"], &["dead", "retry", "--help"], &["--version"]] {
        let said = evq(args).in_(&dir).assert_code(0);
        assert!(said.stdout().contains("wasm-evq") && said.stderr().is_empty(), "{args:?}");
    }
}
