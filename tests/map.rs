//! The map of the host: which room may know which. DESIGN and `lib.rs` draw it, this holds it.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms by rank: a room may use those of a lower rank, and itself.
const RANKS: [(u32, &[&str]); 6] = [
    (5, &["cli"]),
    (4, &["api", "queue", "source", "replay"]),
    (3, &["route"]),
    (2, &["store", "sandbox"]),
    (1, &["config", "telemetry"]),
    (0, &["event", "clock", "limits", "grants", "observe", "backlog", "switch"]),
];

/// The one edge within the vocabulary: what becomes of an event has a time.
const WORD_EDGE: (&str, &str) = ("event", "clock");

const LINES_MAX: usize = 400;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust files below a folder, each with its path from there.
fn rust_files(folder: &str) -> Vec<(String, String)> {
    let root = repository().join(folder);
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!files.is_empty(), "nothing in {folder}");
    files
}

/// The code without its comments. Text in quotes stays, which does no harm here.
fn code(text: &str) -> String {
    let without = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    text.lines().map(without).collect::<Vec<_>>().join("\n")
}

fn rank(room: &str) -> Option<u32> {
    RANKS.iter().find(|(_, rooms)| rooms.contains(&room)).map(|(rank, _)| *rank)
}

/// The room that a file of `host/src` is in; `None` for the two files that stand above all rooms.
fn room_of(file: &str) -> Option<&str> {
    let room = file.split('/').next().unwrap_or_default().trim_end_matches(".rs");
    (room != "lib" && room != "main").then_some(room)
}

/// The rooms that a file names by `crate::room`.
fn rooms_used(code: &str) -> Vec<String> {
    let names = code.split("crate::").skip(1);
    names
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '{').collect())
        .collect()
}

#[test]
fn every_room_is_on_the_map() {
    for (file, _) in rust_files("host/src") {
        assert!(room_of(&file).is_none_or(|room| rank(room).is_some()), "{file} is in no room of the map");
    }
}

#[test]
fn rooms_use_only_rooms_below_them() {
    let mut edges = 0;
    for (file, text) in rust_files("host/src") {
        let Some(room) = room_of(&file) else { continue };
        for used in rooms_used(&code(&text)) {
            let used_rank =
                rank(&used).unwrap_or_else(|| panic!("{file} uses crate::{used}, which is no room"));
            let is_down = used == room || Some(used_rank) < rank(room) || (room, &*used) == WORD_EDGE;
            assert!(is_down, "{file}: {room} must not use {used}");
            edges += u32::from(used != room);
        }
    }
    assert!(edges > 50, "only {edges} edges were seen: does this still read the code?");
}

/// `super::` at the top of a room is the crate itself, a door past the map.
#[test]
fn no_room_leaves_by_the_back_door() {
    for (file, text) in rust_files("host/src") {
        let is_top = !file.contains('/') || (file.matches('/').count() == 1 && file.ends_with("/mod.rs"));
        let shipped = code(&text);
        let shipped = shipped.split("#[cfg(test)]\nmod tests").next().unwrap();
        assert!(!is_top || !shipped.contains("super::"), "{file} uses super::, write crate::room");
    }
}

/// A word that may stand in some places only, each named by how its path begins.
#[track_caller]
fn only_in(words: &[&str], places: &[&str]) {
    let mut found = 0;
    for (file, text) in rust_files("host/src") {
        let has = |word: &&&str| code(&text).contains(**word);
        let Some(word) = words.iter().find(has) else { continue };
        assert!(places.iter().any(|place| file.starts_with(place)), "{file} has {word}");
        found += 1;
    }
    assert!(found > 0, "{words:?} are nowhere: does this still read the code?");
}

#[test]
fn the_engines_types_stay_in_the_sandbox() {
    only_in(&["wasmtime::", "wasmtime as", "wasmtime;"], &["sandbox/"]);
}

#[test]
fn the_databases_types_stay_in_its_back_end() {
    only_in(&["rusqlite"], &["store/sqlite/"]);
}

#[test]
fn the_http_frameworks_types_stay_in_the_api() {
    only_in(&["axum", "hyper", "tower"], &["api/"]);
}

#[test]
fn opentelemetrys_types_stay_with_telemetry() {
    only_in(&["opentelemetry", "prost::"], &["telemetry/"]);
}

/// A reused instance is measured against; nothing that runs events may know of one.
#[test]
fn the_queue_has_no_road_to_a_reused_instance() {
    only_in(
        &["WarmInstance", ".warm()"],
        &["sandbox/mod.rs", "sandbox/warm.rs", "sandbox/tests/", "cli/bench/"],
    );
}

#[test]
fn only_the_command_line_prints() {
    let printing = ["println!", "print!", "dbg!", "io::stdout", "io::stderr"];
    // Tests tell their seed, if they choose at random, and their figures.
    only_in(&printing, &["cli/", "main.rs", "store/conformance/", "store/sqlite/faults/", "sandbox/tests/"]);
}

#[test]
fn no_file_is_too_long_to_read() {
    for folder in ["host/src", "host/benches", "guest-sdk", "examples", "tests"] {
        for (file, text) in rust_files(folder) {
            let lines = text.lines().count();
            assert!(lines <= LINES_MAX, "{folder}/{file} has {lines} lines, {LINES_MAX} are enough");
        }
    }
}
