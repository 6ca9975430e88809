//! Plants faults in a copy of this tree, one at a time, and demands that a test fails for each.
//!
//! `mutations.toml` lists them. The copy has a target folder of its own that begins with what was
//! compiled of other people's crates here, so only the host is compiled again, without optimizing, and
//! of that only what the fault changes.
//!
//! ```sh
//! EVQ_MUTATIONS=all cargo test --release --test mutations -- --ignored --nocapture
//! EVQ_MUTATIONS="no dedup" cargo test --release --test mutations -- --ignored --nocapture
//! ```
#![allow(clippy::unwrap_used, reason = "a run that finds nothing to unwrap has failed")]

mod tree;

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;

use tree::{Fault, Tested, Tree};

#[derive(Deserialize)]
struct List {
    mutation: Vec<Mutation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutation {
    name: String,
    /// The promise that the host with this fault does not keep.
    breaks: String,
    file: String,
    find: String,
    replace: String,
    /// What follows `cargo test`.
    test: Vec<String>,
    /// Whether it is planted in the ordinary test run.
    #[serde(default)]
    ordinary: bool,
}

impl Mutation {
    fn fault(&self) -> Fault<'_> {
        Fault { file: &self.file, find: &self.find, replace: &self.replace }
    }
}

fn list() -> Vec<Mutation> {
    toml::from_str::<List>(include_str!("mutations.toml")).unwrap().mutation
}

/// `EVQ_MUTATIONS`: `all`, or part of a name; without it the ordinary ones.
fn chosen() -> Vec<Mutation> {
    let wanted = std::env::var("EVQ_MUTATIONS").ok();
    let is_chosen = |mutation: &Mutation| match wanted.as_deref() {
        None => mutation.ordinary,
        Some("all") => true,
        Some(part) => mutation.name.contains(part),
    };
    let chosen: Vec<Mutation> = list().into_iter().filter(is_chosen).collect();
    assert!(!chosen.is_empty(), "no mutation is called {wanted:?}");
    chosen
}

/// Cheap enough for every run: whoever changes such a place learns of it at once.
#[test]
fn every_mutation_has_its_place_in_the_code() {
    list().iter().for_each(|mutation| mutation.fault().assert_has_its_place());
}

#[test]
#[ignore = "compiles the host once for each; tests/run has it run"]
fn every_planted_mutation_is_caught() {
    let (tree, mutations) = (Tree::copy(), chosen());
    let tests: BTreeSet<&Vec<String>> = mutations.iter().map(|mutation| &mutation.test).collect();
    for test in tests {
        let tested = tree.test(test);
        assert!(matches!(tested, Tested::Passed), "without a mutation {test:?} {tested:?}");
    }
    println!("{:<42} {:<17} {:<45} caught", "mutation", "breaks", "by");
    let caught = mutations.iter().filter(|mutation| is_caught(&tree, mutation)).count();
    println!("EVIDENCE mutations={} mutations_caught={caught}", mutations.len());
    assert_eq!(caught, mutations.len(), "a mutation was not caught");
}

fn is_caught(tree: &Tree, mutation: &Mutation) -> bool {
    let Mutation { name, breaks, test, .. } = mutation;
    let tested = tree.test_with(&mutation.fault(), test);
    let fate = match &tested {
        Tested::Failed { after } => format!("after {}", seconds(*after)),
        Tested::Passed => "NOT: the test passed".into(),
        Tested::Hung => "NOT: the test hung".into(),
        Tested::NotCompiled { error } => format!("NOT: it does not compile: {error}"),
    };
    println!("{name:<42} {breaks:<17} {:<45} {fate}", test.join(" "));
    matches!(tested, Tested::Failed { .. })
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
