//! What is different on a terminal. `script` of util-linux gives one.
#![cfg(target_os = "linux")]

use std::process::Command;

use crate::support::{Dir, Evq, Output, evq, guest, many, saying};

/// Types `wasm-evq run` on a terminal; `None` on a machine without `script`.
fn on_a_terminal(dir: &Dir, run: &str) -> Option<Output> {
    let mut script = Command::new("script");
    script.args(["-qec", &format!("{} run {run}", env!("CARGO_BIN_EXE_wasm-evq")), "/dev/null"]);
    if Command::new("script").arg("--version").output().is_err() {
        println!("left out: no `script` to make a terminal with");
        return None;
    }
    Some(Evq::of(script).in_(dir))
}

#[test]
fn on_a_terminal_a_run_without_events_drains_what_is_pending() {
    let dir = Dir::new();
    let late = guest("asks_for_an_hour");
    evq(["run", &late, "--no-wait"]).stdin(saying(1, "later")).in_(&dir).assert_code(0);
    dir.change("UPDATE pending SET due_at_ms = 1");
    let Some(said) = on_a_terminal(&dir, &late) else { return };
    assert!(said.assert_code(0).stdout().contains("0 read: 0 enqueued, 0 duplicates, 0 rejected; 1 ok"));
}

#[test]
fn on_a_terminal_there_is_progress_with_the_rate_and_what_is_left() {
    let dir = Dir::new();
    dir.events(many(200));
    let Some(said) = on_a_terminal(&dir, &format!("{} events.ndjson", guest("works_long"))) else { return };
    let said = said.assert_code(0);
    for part in ["settled", "events/s", "in the queue", "200 read: 200 enqueued"] {
        assert!(said.stdout().contains(part), "no {part:?} in {:?}", said.stdout());
    }
}
