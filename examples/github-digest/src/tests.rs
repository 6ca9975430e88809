use std::env;
use std::fs;

use wasm_evq_guest::testing::{self, Verdict};
use wasm_evq_guest::{Value, json};

use super::*;

/// GitHub's repository, sender and what else the test is about.
fn digest(kind_and_action: &str, payload: Value) -> Digest {
    let mut data = json!({"repository": {"full_name": "octo/hello"}, "sender": {"login": "ada"}});
    for (name, value) in payload.as_object().expect("a payload is an object") {
        data[name] = value.clone();
    }
    testing::event(&format!("{TYPE_PREFIX}{kind_and_action}")).data(data).run(handle).output_as()
}

#[test]
fn an_issue_is_known_by_number_and_title() {
    let issue = json!({"issue": {"number": 12, "title": "Fix the thing", "comments": 3, "labels": [{}]}});
    let digest = digest("issues.opened", issue);
    assert_eq!(digest.repository, "octo/hello");
    assert_eq!(digest.actor, "ada");
    assert_eq!(digest.action, "issues.opened");
    assert_eq!(digest.subject, "#12 Fix the thing");
    assert_eq!(digest.counts, BTreeMap::from([("comments".to_owned(), 3), ("labels".to_owned(), 1)]));
}

#[test]
fn a_push_is_known_by_its_ref() {
    let digest = digest("push", json!({"ref": "refs/heads/main", "commits": [{}, {}]}));
    assert_eq!((&*digest.action, &*digest.subject), ("push", "refs/heads/main"));
    assert_eq!(digest.counts["commits"], 2);
}

#[test]
fn a_merged_pull_request_is_not_just_closed() {
    let closed = |merged| json!({"pull_request": {"number": 2, "title": "Update", "merged": merged}});
    assert_eq!(digest("pull_request.closed", closed(true)).action, "pull_request.merged");
    assert_eq!(digest("pull_request.closed", closed(false)).action, "pull_request.closed");
}

#[test]
fn a_check_tells_how_it_stands() {
    let running = json!({"check_run": {"name": "build", "status": "in_progress", "conclusion": null}});
    assert_eq!(digest("check_run.created", running).subject, "build (in_progress)");
    let ended = json!({"check_run": {"name": "build", "status": "completed", "conclusion": "failure"}});
    assert_eq!(digest("check_run.completed", ended).subject, "build (failure)");
}

#[test]
fn a_release_is_its_tag_and_a_name_only_when_that_says_more() {
    let release = |name| json!({"release": {"tag_name": "v1.0", "name": name}});
    assert_eq!(digest("release.published", release("Moon")).subject, "v1.0: Moon");
    assert_eq!(digest("release.published", release("v1.0")).subject, "v1.0");
    assert_eq!(digest("release.published", release("")).subject, "v1.0");
}

#[test]
fn without_a_repository_the_organisation_stands_for_it() {
    let data = json!({"organization": {"login": "octo"}, "team": {"name": "core"}});
    let digest: Digest = testing::event("com.github.team.created").data(data).run(handle).output_as();
    assert_eq!((&*digest.repository, &*digest.actor), ("octo", "github"));
}

#[test]
fn a_kind_that_nobody_has_seen_yet_gets_a_sensible_line() {
    let digest = digest("moon_base.built", json!({"moon_base": {"number": 1, "name": "Tranquility"}}));
    assert_eq!((&*digest.action, &*digest.subject), ("moon_base.built", "#1 Tranquility"));
    assert_eq!(self::digest("moon_dust.blown", json!({})).subject, "octo/hello");
}

#[test]
fn long_titles_are_cut_between_characters() {
    let digest = digest("issues.opened", json!({"issue": {"title": "é".repeat(100)}}));
    assert_eq!(digest.subject.chars().count(), 72);
    assert!(digest.subject.ends_with('…'));
}

#[test]
fn what_is_not_from_github_is_refused_for_good() {
    let outcome = testing::event("com.example.issues").data(json!({})).run(handle);
    assert_eq!(outcome.verdict(), Verdict::Permanent);
}

#[test]
fn the_sample_events_give_sensible_lines() {
    for line in include_str!("../events.ndjson").lines() {
        assert_sensible(line);
    }
}

/// `WASM_EVQ_WEBHOOKS` may name a file of many real webhooks, as CloudEvents, one a line.
#[test]
fn real_webhooks_give_sensible_lines() {
    let Some(file) = env::var_os("WASM_EVQ_WEBHOOKS") else { return };
    for line in fs::read_to_string(file).expect("WASM_EVQ_WEBHOOKS names a file").lines() {
        assert_sensible(line);
    }
}

fn assert_sensible(event: &str) {
    let digest: Digest = testing::run(handle, event).output_as();
    println!("{digest:?}");
    for field in [&digest.repository, &digest.actor, &digest.action, &digest.subject] {
        assert!(!field.is_empty() && !field.contains('\n'), "{digest:?} of {event}");
    }
}
