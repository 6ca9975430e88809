//! `docs/trust.md` and the figures that `tests/prove` made say the same.
//!
//! The table in the document is made here from the figures, so no number in it can be anybody's
//! wish. With `EVQ_WRITE_TABLE=1`, as `tests/prove` runs it, the table is written anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- figures: made by tests/prove -->\n";
const END: &str = "<!-- end of figures -->\n";

/// What is published is at least so much.
const AT_LEAST: [(&str, u64); 8] = [
    ("fuzz_inputs", 10_000_000),
    ("kills", 1000),
    ("mutations", 55),
    ("power_cuts", 10_000),
    ("scanned_attempts", 1_000_000),
    ("simulated_operations", 1_000_000),
    ("smith_modules", 100_000),
    ("verified_attempts", 100_000),
];

/// What the document says until the first figures are made.
const NONE_YET: &str = "To be made: run `tests/prove`.\n";

/// Figures whose names end so count broken promises.
const ZERO: [&str; 8] =
    ["_lost", "_duplicated", "_corrupt", "_invented", "_violations", "_differences", "_escapes", "_leaks"];

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/trust.md")
}

/// `None` until `tests/prove` was run.
fn figures() -> Option<String> {
    fs::read_to_string(document().with_file_name("trust").join("figures.txt")).ok()
}

/// The value of a line such as `kernel: Linux`.
fn value<'a>(part: &'a str, name: &str) -> &'a str {
    let line = part.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("no {name} in: {part}"))
}

/// The figures of a proof, in their order.
fn numbers(part: &str) -> Vec<(&str, u64)> {
    let pairs = part.lines().filter_map(|line| line.split_once('='));
    pairs.filter_map(|(name, number)| Some((name, number.parse().ok()?))).collect()
}

/// A proof can be made again alone, so each names its commit.
fn table(figures: &str) -> String {
    let origins: BTreeSet<(&str, String)> =
        figures.split("\n\n").map(|part| (value(part, "date"), origin(part))).collect();
    let mut text: String = origins.into_iter().map(|(_, origin)| format!("- {origin}\n")).collect();
    text += "\n| proof | figures | seconds | commit |\n| --- | --- | --- | --- |\n";
    for part in figures.split("\n\n") {
        let figures = numbers(part).into_iter().map(|(name, number)| told(name, number));
        let figures = figures.collect::<Vec<_>>().join(", ");
        let (proof, seconds, commit) = (value(part, "proof"), value(part, "seconds"), value(part, "commit"));
        text += &format!("| {proof} | {figures} | {seconds} | `{commit}` |\n");
    }
    text
}

/// When and where a proof was made.
fn origin(part: &str) -> String {
    let [commit, date, cores, kernel, disk] =
        ["commit", "date", "cores", "kernel", "file system"].map(|name| value(part, name));
    format!("`{commit}`: {date}, {cores} cores, {kernel}, {disk}")
}

/// `kill_lost=0` as "0 kill lost", with commas where a number is long.
fn told(name: &str, number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {}", name.replace('_', " "))
}

#[test]
fn the_table_is_made_of_the_figures() {
    let text = fs::read_to_string(document()).unwrap();
    let table = figures().map_or_else(|| NONE_YET.to_owned(), |figures| table(&figures));
    let (before, rest) = text.split_once(BEGIN).expect("where the table begins");
    let (written, after) = rest.split_once(END).expect("where the table ends");
    if std::env::var_os("EVQ_WRITE_TABLE").is_some() {
        fs::write(document(), format!("{before}{BEGIN}\n{table}\n{END}{after}")).unwrap();
        return;
    }
    assert_eq!(written.trim(), table.trim(), "run tests/prove: it makes figures and table together");
}

#[test]
fn the_figures_are_large_enough_and_no_promise_was_broken() {
    let Some(figures) = figures() else { return };
    let all: BTreeMap<&str, u64> = numbers(&figures).into_iter().collect();
    for (name, least) in AT_LEAST {
        let reached = all.get(name).copied().unwrap_or_default();
        assert!(reached >= least, "{name} is {reached}, to be published it must be {least}");
    }
    for (name, number) in &all {
        let is_fault = ZERO.iter().any(|end| name.ends_with(end));
        assert!(!is_fault || *number == 0, "{name}={number}");
    }
    assert_eq!(all.get("mutations"), all.get("mutations_caught"));
}

#[test]
fn every_proof_names_the_command_that_makes_it_again() {
    for part in figures().unwrap_or_default().split("\n\n") {
        assert!(value(part, "command").contains("cargo test --release"), "{part}");
    }
}
