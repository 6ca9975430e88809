//! `diff`: what another module would have done with the events that are there.

use crate::support::{Dir, Output, evq, good, guest, saying};

/// Settled events of the handler `h`: one that every guest does well on, and two that some fail on.
fn recorded(handler: &str) -> Dir {
    let dir = Dir::new();
    dir.events([good(1), saying(2, "no"), saying(3, "t")]);
    let typed = evq(["run", &guest(handler), "events.ndjson", "--name", "h", "--quiet"]);
    typed.args(&["--max-attempts", "1"]).in_(&dir);
    dir
}

fn effects(compared: &Output) -> Vec<(String, u64)> {
    let report = compared.json_lines().pop().unwrap();
    assert_eq!(report["kind"], "report");
    let effects = report["effects"].as_object().unwrap().iter();
    let mut counts: Vec<_> =
        effects.map(|(effect, count)| (effect.clone(), count.as_u64().unwrap())).collect();
    counts.retain(|(_, count)| *count > 0);
    counts
}

#[test]
fn events_are_told_apart_by_what_the_new_module_does_to_them() {
    for (old, new, code, expected) in [
        ("traps", "traps", 0, vec![("equal", 1), ("failing_alike", 2)]),
        ("traps", "logs_and_answers", 1, vec![("equal", 1), ("now_fixed", 2)]),
        ("logs_and_answers", "traps", 1, vec![("equal", 1), ("now_failing", 2)]),
        ("traps", "fails_for_good", 1, vec![("equal", 1), ("failing_otherwise", 2)]),
        ("echoes", "counts", 1, vec![("changed", 3)]),
        ("traps", "fans_out", 1, vec![("changed", 1), ("now_fixed", 2)]),
    ] {
        let dir = recorded(old);
        let before = dir.dump();
        let compared = evq(["diff", &guest(new), "--all", "--json"]).in_(&dir).assert_code(code);
        let expected: Vec<_> =
            expected.into_iter().map(|(effect, count)| (effect.to_owned(), count)).collect();
        assert_eq!(effects(&compared), expected, "{old} to {new}");
        assert_eq!(dir.dump(), before, "nothing is changed");
    }
}

#[test]
fn changes_are_shown_field_by_field_and_figures_as_a_distribution() {
    let dir = recorded("echoes");
    dir.change(r#"UPDATE outcome SET output = '{"data":"x","id":"1","gone":7}' WHERE event_seq = 1"#);
    let compared = evq(["diff", &guest("echoes")]).in_(&dir).assert_code(1);
    let text = compared.stdout();
    assert!(text.contains("changed: event 1 of /test\n"), "{text}");
    assert!(text.contains("  ~ /data  \"x\" -> \".\"\n"), "{text}");
    assert!(text.contains("  - /gone  7\n"), "{text}");
    assert!(text.contains("  + /source  \"/test\"\n"), "{text}");
    assert!(text.contains("a sample: 3 events of handler h: 2 equal, 1 changed, 0 now failing"), "{text}");
    let fuel =
        text.lines().find(|line| line.starts_with("fuel")).unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!(fuel.len(), 6, "{text}");
}

#[test]
fn the_new_module_runs_under_the_limits_that_were_recorded_unless_told_otherwise() {
    let dir = Dir::new();
    let typed = evq(["run", &guest("loops"), "--fuel", "5000", "--quiet"]);
    typed.stdin(saying(1, "no")).in_(&dir).assert_code(1);
    evq(["diff", &guest("loops")]).in_(&dir).assert_code(0);
    let compared = evq(["diff", &guest("loops"), "--fuel", "6000"]).in_(&dir).assert_code(1);
    assert!(compared.stdout().contains("6000 units allowed"), "{}", compared.stdout());
}

#[test]
fn the_handler_is_the_one_that_is_named_or_the_only_one() {
    let dir = recorded("echoes");
    evq(["run", &guest("counts"), "--quiet"]).stdin(good(9)).in_(&dir).assert_code(0);
    let by_file = evq(["diff", &guest("counts"), "--json"]).in_(&dir).assert_code(0);
    assert_eq!(effects(&by_file), [("equal".to_owned(), 1)]);
    let by_name = evq(["diff", &guest("counts"), "--handler", "h", "--json"]).in_(&dir).assert_code(1);
    assert_eq!(effects(&by_name), [("changed".to_owned(), 3)]);
    let neither = evq(["diff", &guest("traps")]).in_(&dir);
    neither.assert_refused(2, &["no handler \"traps\" in evq.db", "--handler names one of: counts, h"]);
}

#[test]
fn what_is_no_handler_is_refused() {
    let dir = recorded("echoes");
    dir.write("new.wasm", "no module");
    evq(["diff", "new.wasm"]).in_(&dir).assert_refused(2, &["new.wasm is not WebAssembly"]);
    evq(["diff", &guest("echoes"), "--fuel", "0"]).in_(&dir).assert_refused(2, &["--fuel is 0"]);
}
