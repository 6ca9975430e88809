//! One handler in seven languages, `examples/word-count`: each made by its own toolchain, all with the same
//! results. `examples/word-count/build` builds them; where a toolchain is missing its test is left out,
//! unless `EVQ_LANGUAGES=required`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Dir, evq};

const WORDS_OF_LONG_EVENT: usize = 20_000;

fn word_count() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/word-count")
}

/// The module in this language; `None` where it was not built, which is said.
fn built(language: &str) -> Option<PathBuf> {
    let module = word_count().join(language).join("word-count.wasm");
    if module.is_file() {
        return Some(module);
    }
    let is_required = std::env::var_os("EVQ_LANGUAGES").is_some_and(|value| value == "required");
    assert!(!is_required, "{} is not there: examples/word-count/build", module.display());
    println!("left out: no {}; examples/word-count/build {language} builds it", module.display());
    None
}

/// The sample events, and one that is longer than any buffer a program reads into at once.
fn events() -> String {
    let text = "word ".repeat(WORDS_OF_LONG_EVENT);
    let long = format!(
        r#"{{"specversion":"1.0","id":"long","source":"/example/chat","type":"long","data":{{"text":"{text}"}}}}"#
    );
    fs::read_to_string(word_count().join("events.ndjson")).unwrap() + &long
}

fn expected() -> Vec<String> {
    let text = fs::read_to_string(word_count().join("expected.ndjson")).unwrap();
    let long =
        format!(r#"{{"id":"long","status":"ok","attempts":1,"output":{{"words":{WORDS_OF_LONG_EVENT}}}}}"#);
    sorted(&(text + &long))
}

fn sorted(lines: &str) -> Vec<String> {
    let mut lines: Vec<String> = lines.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[track_caller]
fn counts_words(language: &str) {
    let Some(module) = built(language) else { return };
    let dir = Dir::new();
    // Seven compilers at once on a small machine: each has to wait for the others.
    let patiently = ["--quiet", "--compile-timeout", "10m"];
    let run = evq(["run", module.to_str().unwrap(), "-"]).args(&patiently).stdin(events()).in_(&dir);
    // Some of the events have no text, and end dead.
    run.assert_code(1);
    let results = dir.sql(
        "SELECT json_object('id', event_id, 'status', status, 'attempts', attempts, 'output', json(output)) \
         FROM results",
    );
    assert_eq!(sorted(&results), expected());
    dir.assert_sound();
}

#[test]
fn rust_counts_words() {
    counts_words("rust");
}

#[test]
fn c_counts_words() {
    counts_words("c");
}

#[test]
fn zig_counts_words() {
    counts_words("zig");
}

#[test]
fn go_counts_words() {
    counts_words("go");
}

#[test]
fn assemblyscript_counts_words() {
    counts_words("assemblyscript");
}

#[test]
fn javascript_counts_words() {
    counts_words("js");
}

#[test]
fn python_counts_words() {
    counts_words("python");
}

/// So that what the examples show, and what is built of them, holds for what `new` makes.
#[test]
fn a_new_handler_is_the_example_under_another_name() {
    for language in ["c", "zig", "go", "assemblyscript", "js", "python"] {
        let dir = Dir::new();
        evq(["new", "--lang", language, "word-count"]).in_(&dir).assert_code(0);
        let mut compared = 0;
        for entry in fs::read_dir(word_count().join(language)).unwrap() {
            let example = entry.unwrap().path();
            if example.extension().is_some_and(|extension| extension == "wasm") {
                continue;
            }
            let made = dir.file("word-count").join(example.file_name().unwrap());
            let read =
                |path: &Path| fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert_eq!(read(&made), read(&example), "{}", example.display());
            compared += 1;
        }
        assert!(compared > 0, "no example in {language}");
    }
}

#[test]
fn new_says_what_to_type_in_that_language() {
    let dir = Dir::new();
    let made = evq(["new", "--lang", "python", "tally"]).in_(&dir).assert_code(0);
    assert!(made.stdout().contains("\n  componentize-py "), "{}", made.stdout());
    assert!(made.stdout().contains("-o tally.wasm\n  wasm-evq run tally.wasm events.ndjson\n"));
    evq(["new", "--lang", "python", "other", "--path-to-sdk", "."])
        .in_(&dir)
        .assert_refused(2, &["Python", "SDK"]);
    evq(["new", "--lang", "cobol", "ledger"]).in_(&dir).assert_refused(2, &["cobol", "assemblyscript"]);
}
