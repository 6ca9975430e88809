//! `replay`: one recorded attempt again, with all that helps to see why it ended so.

use wasmparser::{BinaryReader, CoreDumpStackSection, Parser, Payload};

use crate::support::{Dir, evq, good, guest, saying, until};

/// A database in which a handler had an event that said "!", and a good one.
fn recorded(handler: &str) -> Dir {
    let dir = Dir::new();
    dir.events([saying("bad", "!"), good("good")]);
    evq(["run", &guest(handler), "events.ndjson", "--max-attempts", "2", "--retry-delay", "1ms"]).in_(&dir);
    dir
}

#[test]
fn a_trap_comes_out_the_same_with_its_reason_its_logs_and_the_functions_it_went_through() {
    let dir = recorded("complains_and_traps");
    let replayed = evq(["replay", "bad"]).in_(&dir).assert_code(0);
    let text = replayed.stdout();
    let shown = [
        "replayed     event bad of /test, attempt 1\n",
        "verdict      trap\n",
        "reason       index is 7 (wasm trap: wasm `unreachable` instruction executed)\n",
        "  in         0: ",
        "comparison   the same as recorded\n",
    ];
    shown.iter().for_each(|line| assert!(text.contains(line), "{line:?} is not in {text}"));
    assert!(
        text.contains(&format!("recorded     trap, {} fuel", dir.sql("SELECT fuel FROM attempt"))),
        "{text}"
    );
}

#[test]
fn what_is_shown_as_json_is_what_was_recorded() {
    let dir = recorded("logs_and_answers");
    let said = evq(["replay", "good", "--json"]).in_(&dir).assert_code(0).json_lines().remove(0);
    assert_eq!((&said["event"], &said["attempt"], &said["same"]), (&"good".into(), &1.into(), &true.into()));
    assert_eq!(
        said["now"]["output"].to_string(),
        dir.sql("SELECT output FROM results WHERE event_id = 'good'")
    );
    assert_eq!(said["now"]["fuel"], said["recorded"]["fuel"]);
    assert_eq!(said["now"]["logs"], said["recorded"]["logs"]);
    assert_ne!(said["now"]["logs"].as_array().unwrap().len(), 0);
    assert_eq!(said["module_sha256"], dir.sql("SELECT DISTINCT handler_sha256 FROM results"));
}

#[test]
fn any_attempt_can_be_run_again_and_the_last_one_is_unless_another_is_named() {
    let dir = Dir::new();
    dir.events([saying("retried", "f")]);
    evq(["run", &guest("fails_once"), "events.ndjson", "--retry-delay", "1ms"]).in_(&dir).assert_code(0);
    for (options, attempt, verdict) in [(&["--attempt", "1"][..], 1, "failed"), (&[], 2, "ok")] {
        let replayed = evq(["replay", "retried", "--json"]).args(options).in_(&dir).assert_code(0);
        let said = replayed.json_lines().remove(0);
        assert_eq!((&said["attempt"], &said["now"]["verdict"]), (&attempt.into(), &verdict.into()));
        assert_eq!(said["same"], true);
    }
    let missing = evq(["replay", "retried", "--attempt", "3"]).in_(&dir);
    missing.assert_refused(2, &["no such attempt", "recorded are 1 by fails_once, 2 by fails_once"]);
}

#[test]
fn what_differs_from_the_record_is_shown_with_both_sides() {
    let dir = recorded("complains_and_traps");
    dir.change("UPDATE attempt SET fuel = 7");
    let replayed = evq(["replay", "bad"]).in_(&dir).assert_code(1);
    assert!(
        replayed.stdout().contains("different    fuel\n  recorded   7\n  now        "),
        "{}",
        replayed.stdout()
    );
    let said = evq(["replay", "bad", "--json"]).in_(&dir).assert_code(1).json_lines().remove(0);
    assert_eq!((&said["same"], &said["differences"][0]["field"]), (&false.into(), &"fuel".into()));
}

#[test]
fn another_module_can_be_tried_and_its_fuel_is_not_compared() {
    let dir = recorded("traps");
    let wat = std::fs::read_to_string(guest("traps")).unwrap() + "\n;; Another file, and so another module.";
    dir.write("debug.wat", wat);
    let replayed = evq(["replay", "bad", "--handler-file", "debug.wat"]).in_(&dir).assert_code(0);
    assert!(replayed.stdout().contains("note         this is another module"), "{}", replayed.stdout());
    let mended = guest("echoes");
    let said = evq(["replay", "bad", "--handler-file", &mended, "--json"]).in_(&dir).assert_code(1);
    let said = said.json_lines().remove(0);
    assert_eq!((&said["now"]["verdict"], &said["notes"][0]), (&"ok".into(), &"other_module".into()));
    dir.write("none.wasm", "");
    let empty = evq(["replay", "bad", "--handler-file", "none.wasm"]).in_(&dir);
    empty.assert_refused(2, &["none.wasm", "the file is empty"]);
}

#[test]
fn what_depends_on_the_machine_is_run_but_not_compared() {
    let dir = recorded("traps");
    dir.change("UPDATE attempt SET verdict = 'lost'");
    let replayed = evq(["replay", "bad"]).in_(&dir).assert_code(0);
    assert!(replayed.stdout().contains("comparison   none: the attempt was lost with its host"));
    assert!(replayed.stdout().contains("verdict      trap"));
}

/// The names of a core dump's custom sections, the frames on its stack, and its memory's bytes.
fn parts_of(core_dump: &[u8]) -> (Vec<String>, usize, Vec<u8>) {
    let (mut names, mut frames, mut memory) = (Vec::new(), 0, Vec::new());
    for payload in Parser::new(0).parse_all(core_dump) {
        match payload.unwrap() {
            Payload::CustomSection(section) => {
                names.push(section.name().to_owned());
                if section.name() == "corestack" {
                    let reader = BinaryReader::new(section.data(), section.data_offset());
                    frames = CoreDumpStackSection::new(reader).unwrap().frames.len();
                }
            }
            Payload::DataSection(segments) => {
                segments.into_iter().for_each(|segment| memory.extend(segment.unwrap().data));
            }
            _ => {}
        }
    }
    (names, frames, memory)
}

#[test]
fn a_core_dump_holds_the_stack_and_the_memory_of_the_instance() {
    let dir = recorded("complains_and_traps");
    let replayed = evq(["replay", "bad", "--coredump", "bad.core"]).in_(&dir).assert_code(0);
    let bytes = std::fs::read(dir.file("bad.core")).unwrap();
    let told = format!("core dump    {} bytes in bad.core\n", bytes.len());
    assert!(replayed.stdout().contains(&told), "{}", replayed.stdout());
    let (names, frames, memory) = parts_of(&bytes);
    for name in ["core", "coremodules", "coreinstances", "corestack"] {
        assert!(names.iter().any(|found| found == name), "{name} is not in {names:?}");
    }
    assert_eq!(frames, 1);
    assert!(memory.windows(10).any(|bytes| bytes == b"index is 7"));
}

#[test]
fn an_attempt_that_returned_leaves_no_core_dump_and_says_so() {
    let dir = recorded("complains_and_traps");
    let replayed = evq(["replay", "good", "--coredump", "good.core"]).in_(&dir).assert_code(0);
    assert!(replayed.stdout().contains("core dump    none: the verdict is ok"), "{}", replayed.stdout());
    assert!(!dir.file("good.core").exists());
    let said = evq(["replay", "good", "--coredump", "good.core", "--json"]).in_(&dir).assert_code(0);
    assert_eq!(said.json_lines()[0]["core_dump"], serde_json::Value::Null);
    let nowhere = evq(["replay", "bad", "--coredump", "none/bad.core"]).in_(&dir);
    nowhere.assert_refused(1, &["cannot write the core dump to none/bad.core"]);
}

#[test]
fn an_event_that_is_not_one_of_its_kind_must_be_named_in_full() {
    let dir = Dir::new();
    dir.events([good(1), good(1).replace("/test", "/other")]);
    evq(["run", &guest("echoes"), "events.ndjson"]).in_(&dir).assert_code(0);
    let several = evq(["replay", "1"]).in_(&dir);
    several.assert_refused(2, &["several events have the id \"1\"", "--source", "\"/test\"", "\"/other\""]);
    evq(["replay", "1", "--source", "/other"]).in_(&dir).assert_code(0);
    evq(["replay", "2"]).in_(&dir).assert_refused(1, &["no event with id \"2\" in evq.db"]);
    dir.events([good(1)]);
    evq(["run", &guest("counts"), "events.ndjson"]).in_(&dir).assert_code(0);
    let handlers = evq(["replay", "1", "--source", "/test"]).in_(&dir);
    handlers.assert_refused(2, &["several handlers had event \"1\"", "--handler"]);
    evq(["replay", "1", "--source", "/test", "--handler", "counts"]).in_(&dir).assert_code(0);
}

#[test]
fn a_run_goes_on_beside_it_and_nothing_is_changed() {
    let dir = Dir::new();
    let mut running = evq(["run", &guest("echoes"), "-"]).start_in(&dir);
    running.write((good(1) + "\n").as_bytes());
    until("the event is settled", || (dir.count("outcome") == 1).then_some(()));
    let before = dir.dump();
    evq(["replay", "1"]).in_(&dir).assert_code(0);
    assert_eq!(dir.dump(), before);
    running.write(good(2).as_bytes());
    running.wait().assert_code(0);
    assert_eq!(dir.count("outcome"), 2);
}
