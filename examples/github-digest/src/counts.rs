//! What can be counted in an event.

use std::collections::BTreeMap;

use crate::webhook::Webhook;

/// A name for the reader, and where the number, or the list to count, lies.
type Counted = (&'static str, &'static str);

pub fn counts(kind: &str, hook: &Webhook) -> BTreeMap<String, u64> {
    counted(kind)
        .iter()
        .filter_map(|(name, place)| Some(((*name).to_owned(), number_or_length(hook, place)?)))
        .collect()
}

fn number_or_length(hook: &Webhook, place: &str) -> Option<u64> {
    hook.number(place).or_else(|| u64::try_from(hook.list(place)?.len()).ok())
}

fn counted(kind: &str) -> &'static [Counted] {
    match kind {
        "push" => &[
            ("commits", "/commits"),
            ("added", "/head_commit/added"),
            ("modified", "/head_commit/modified"),
            ("removed", "/head_commit/removed"),
        ],
        "pull_request" => &[
            ("commits", "/pull_request/commits"),
            ("files", "/pull_request/changed_files"),
            ("additions", "/pull_request/additions"),
            ("deletions", "/pull_request/deletions"),
            ("comments", "/pull_request/comments"),
            ("review_comments", "/pull_request/review_comments"),
        ],
        "pull_request_review" | "pull_request_review_comment" => {
            &[("assignees", "/pull_request/assignees"), ("reviewers", "/pull_request/requested_reviewers")]
        }
        "pull_request_review_thread" => &[("comments", "/thread/comments")],
        "issues" | "issue_comment" => {
            &[("comments", "/issue/comments"), ("labels", "/issue/labels"), ("assignees", "/issue/assignees")]
        }
        "discussion" | "discussion_comment" => &[("comments", "/discussion/comments")],
        "milestone" => &[("open", "/milestone/open_issues"), ("closed", "/milestone/closed_issues")],
        "release" => &[("assets", "/release/assets")],
        "check_run" => &[
            ("annotations", "/check_run/output/annotations_count"),
            ("pull_requests", "/check_run/pull_requests"),
        ],
        "check_suite" => &[
            ("check_runs", "/check_suite/latest_check_runs_count"),
            ("pull_requests", "/check_suite/pull_requests"),
        ],
        "workflow_job" => &[("steps", "/workflow_job/steps"), ("attempt", "/workflow_job/run_attempt")],
        "workflow_run" => &[("run", "/workflow_run/run_number"), ("attempt", "/workflow_run/run_attempt")],
        "deployment_review" => &[("reviewers", "/reviewers")],
        "status" => &[("branches", "/branches")],
        "page_build" => &[("duration_ms", "/build/duration")],
        "gollum" => &[("pages", "/pages")],
        "branch_protection_rule" => &[
            ("checks", "/rule/required_status_checks"),
            ("approvals", "/rule/required_approving_review_count"),
        ],
        "security_advisory" => &[
            ("vulnerabilities", "/security_advisory/vulnerabilities"),
            ("references", "/security_advisory/references"),
        ],
        "code_scanning_alert" => &[("instances", "/alert/instances")],
        "installation" => &[("repositories", "/repositories")],
        "installation_repositories" => {
            &[("added", "/repositories_added"), ("removed", "/repositories_removed")]
        }
        "marketplace_purchase" => &[("units", "/marketplace_purchase/unit_count")],
        "ping" | "meta" => &[("event_types", "/hook/events")],
        "star" | "watch" | "fork" | "repository" | "public" => &[
            ("stars", "/repository/stargazers_count"),
            ("forks", "/repository/forks_count"),
            ("open_issues", "/repository/open_issues_count"),
        ],
        _ => &[],
    }
}
