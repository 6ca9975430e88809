//! What an event is about, in the words that people use for it.

use wasm_evq_guest::Value;

use crate::webhook::Webhook;

const LINE_CHARS_MAX: usize = 72;
const SHA_CHARS: usize = 7;

/// `None` where the event is about the repository (or account) as a whole.
pub fn subject(kind: &str, hook: &Webhook) -> Option<String> {
    match kind {
        "issues" | "issue_comment" => numbered(hook, "/issue", "/issue/title"),
        "pull_request" | "pull_request_review_comment" | "pull_request_review_thread" => {
            numbered(hook, "/pull_request", "/pull_request/title")
        }
        "pull_request_review" => {
            let pull_request = numbered(hook, "/pull_request", "/pull_request/title")?;
            Some(with(pull_request, hook.text("/review/state")))
        }
        "discussion" | "discussion_comment" => numbered(hook, "/discussion", "/discussion/title"),
        "milestone" => numbered(hook, "/milestone", "/milestone/title"),
        "project" => numbered(hook, "/project", "/project/name"),

        "push" => line(hook, "/ref"),
        "create" | "delete" => Some(format!("{} {}", hook.text("/ref_type")?, hook.text("/ref")?)),
        "commit_comment" => about_commit(hook, "/comment/commit_id", hook.text("/comment/body")),
        "status" => {
            about_commit(hook, "/sha", hook.text("/context")).map(|commit| with(commit, hook.text("/state")))
        }
        "page_build" => about_commit(hook, "/build/commit", hook.text("/build/status")),
        "merge_group" => line(hook, "/merge_group/base_ref")
            .map(|base| titled(base, hook.text("/merge_group/head_commit/message"))),
        "release" => release(hook),
        "package" | "registry_package" => package(hook, kind),

        "check_run" => outcome(hook, "/check_run/name", "/check_run"),
        "check_suite" => outcome(hook, "/check_suite/head_branch", "/check_suite"),
        "workflow_job" => outcome(hook, "/workflow_job/name", "/workflow_job"),
        "workflow_run" => outcome(hook, "/workflow_run/display_title", "/workflow_run")
            .or_else(|| outcome(hook, "/workflow/name", "/workflow_run")),
        "workflow_dispatch" => on(hook, "/workflow", "/ref"),
        "repository_dispatch" => on(hook, "/action", "/branch"),
        "deployment" => on(hook, "/deployment/environment", "/deployment/ref"),
        "deployment_status" => on(hook, "/deployment/environment", "/deployment/ref")
            .map(|deployment| with(deployment, hook.text("/deployment_status/state"))),
        "deployment_review" => line(hook, "/environment")
            .map(|environment| titled(environment, hook.text("/workflow_run/display_title"))),

        "code_scanning_alert" => numbered(hook, "/alert", "/alert/rule/description"),
        "secret_scanning_alert" => numbered(hook, "/alert", "/alert/secret_type"),
        "dependabot_alert" => numbered(hook, "/alert", "/alert/security_advisory/summary")
            .map(|alert| with(alert, hook.text("/alert/security_advisory/severity"))),
        "repository_vulnerability_alert" => numbered(hook, "/alert", "/alert/affected_package_name")
            .map(|alert| with(alert, hook.text("/alert/external_identifier"))),
        "security_advisory" => line(hook, "/security_advisory/ghsa_id")
            .map(|id| titled(id, hook.text("/security_advisory/summary")))
            .map(|advisory| with(advisory, hook.text("/security_advisory/severity"))),

        "branch_protection_rule" => line(hook, "/rule/name"),
        "label" => line(hook, "/label/name"),
        "deploy_key" => line(hook, "/key/title"),
        "fork" => line(hook, "/forkee/full_name"),
        "gollum" => named(hook.list("/pages")?, "/title"),
        "project_column" => line(hook, "/project_column/name"),
        "project_card" => line(hook, "/project_card/note").or_else(|| id(hook, "card", "/project_card/id")),
        "projects_v2_item" => {
            let item = hook.text("/projects_v2_item/content_type").unwrap_or("item");
            id(hook, item, "/projects_v2_item/id")
        }
        "ping" => line(hook, "/zen"),
        "meta" => id(hook, "webhook", "/hook_id"),
        "repository" => repository(hook),
        "repository_import" => {
            line(hook, "/repository/full_name").map(|name| with(name, hook.text("/status")))
        }

        "team" | "team_add" => line(hook, "/team/name"),
        "member" => line(hook, "/member/login"),
        "membership" => line(hook, "/member/login").map(|member| with(member, hook.text("/team/name"))),
        "org_block" => line(hook, "/blocked_user/login"),
        "organization" => organization(hook),
        "installation" => installation(hook),
        "installation_repositories" => installed_repositories(hook),
        "github_app_authorization" => line(hook, "/sender/login"),
        "marketplace_purchase" => line(hook, "/marketplace_purchase/plan/name")
            .map(|plan| with(plan, hook.text("/marketplace_purchase/billing_cycle"))),
        "sponsorship" => line(hook, "/sponsorship/sponsor/login")
            .map(|from| with(from, hook.text("/sponsorship/tier/name"))),
        other => unknown(hook, other),
    }
}

/// GitHub calls the object that an event is about by the event's name, with few exceptions.
fn unknown(hook: &Webhook, kind: &str) -> Option<String> {
    let object = format!("/{kind}");
    let titles = ["title", "name", "full_name", "login", "slug"].map(|field| format!("{object}/{field}"));
    let title = titles.iter().find(|title| hook.text(title).is_some());
    numbered(hook, &object, title.unwrap_or(&titles[0]))
}

fn release(hook: &Webhook) -> Option<String> {
    let tag = line(hook, "/release/tag_name")?;
    let name = hook.text("/release/name").filter(|name| *name != tag);
    Some(titled(tag, name))
}

fn package(hook: &Webhook, kind: &str) -> Option<String> {
    let name = line(hook, &format!("/{kind}/name"))?;
    match hook.text(&format!("/{kind}/package_version/version")) {
        Some(version) => Some(format!("{name} {}", readable(version))),
        None => Some(name),
    }
}

/// A container's version is a hash, of which a few digits tell as much as all.
fn readable(version: &str) -> &str {
    version.strip_prefix("sha256:").and_then(|digits| digits.get(..SHA_CHARS)).unwrap_or(version)
}

/// The repository's name is told already: what is new is where it came from, if it has moved.
fn repository(hook: &Webhook) -> Option<String> {
    let now = line(hook, "/repository/full_name")?;
    let before = hook
        .text("/changes/repository/name/from")
        .or_else(|| hook.text("/changes/owner/from/user/login"))
        .or_else(|| hook.text("/changes/owner/from/organization/login"));
    Some(moved(before, now))
}

fn organization(hook: &Webhook) -> Option<String> {
    let member = line(hook, "/membership/user/login").or_else(|| line(hook, "/invitation/login"));
    member.or_else(|| Some(moved(hook.text("/changes/login/from"), line(hook, "/organization/login")?)))
}

fn installation(hook: &Webhook) -> Option<String> {
    let account = hook.text("/installation/account/login")?;
    let app = line(hook, "/installation/app_slug").or_else(|| id(hook, "app", "/installation/app_id"))?;
    Some(format!("{app} on {account}"))
}

fn installed_repositories(hook: &Webhook) -> Option<String> {
    ["/repositories_added", "/repositories_removed"]
        .iter()
        .filter_map(|list| hook.list(list))
        .find(|list| !list.is_empty())
        .and_then(|list| named(list, "/full_name"))
}

/// `#12 Fix the thing`, or as much of it as is there.
fn numbered(hook: &Webhook, object: &str, title: &str) -> Option<String> {
    match (hook.number(&format!("{object}/number")), line(hook, title)) {
        (Some(number), Some(title)) => Some(format!("#{number} {title}")),
        (Some(number), None) => Some(format!("#{number}")),
        (None, title) => title,
    }
}

/// `build (success)`; as long as there is no conclusion, `build (in_progress)`.
fn outcome(hook: &Webhook, name: &str, object: &str) -> Option<String> {
    let state = hook.text(&format!("{object}/conclusion")).or_else(|| hook.text(&format!("{object}/status")));
    Some(with(line(hook, name)?, state))
}

/// `production on main`.
fn on(hook: &Webhook, what: &str, branch: &str) -> Option<String> {
    Some(format!("{} on {}", line(hook, what)?, hook.text(branch)?))
}

/// `6113728: This is a really good change!`
fn about_commit(hook: &Webhook, sha: &str, text: Option<&str>) -> Option<String> {
    let short: String = hook.text(sha)?.chars().take(SHA_CHARS).collect();
    Some(titled(short, text))
}

/// `webhook 109948940`.
fn id(hook: &Webhook, what: &str, number: &str) -> Option<String> {
    Some(format!("{what} {}", hook.number(number)?))
}

/// `Home, About`.
fn named(list: &[Value], name: &str) -> Option<String> {
    let names: Vec<&str> = list.iter().filter_map(|entry| entry.pointer(name)?.as_str()).collect();
    (!names.is_empty()).then(|| shortened(&names.join(", ")))
}

fn moved(before: Option<&str>, now: String) -> String {
    match before {
        Some(before) => format!("{before} -> {now}"),
        None => now,
    }
}

fn titled(what: String, title: Option<&str>) -> String {
    match title {
        Some(title) => format!("{what}: {}", shortened(title)),
        None => what,
    }
}

fn with(what: String, state: Option<&str>) -> String {
    match state {
        Some(state) => format!("{what} ({state})"),
        None => what,
    }
}

fn line(hook: &Webhook, place: &str) -> Option<String> {
    hook.text(place).map(shortened)
}

/// The first line, and not all of it when it is long.
fn shortened(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default().trim_end();
    if first.chars().count() <= LINE_CHARS_MAX {
        return first.to_owned();
    }
    let kept: String = first.chars().take(LINE_CHARS_MAX - 1).collect();
    format!("{}…", kept.trim_end())
}
