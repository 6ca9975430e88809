//! Any GitHub webhook event becomes one line that a person can read.
//!
//! GitHub knows some 150 kinds of events, each with a payload of its own shape, and adds to them. What
//! all have in common is taken from one place (this file); what differs is one line each (`subject`,
//! `counts`). A kind that is not known yet still gets a sensible line.

mod counts;
mod subject;
mod webhook;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wasm_evq_guest::{Error, Event, handler};

use webhook::Webhook;

const TYPE_PREFIX: &str = "com.github.";

/// No field is ever empty, except that not everything can be counted.
#[derive(Debug, Serialize, Deserialize)]
struct Digest {
    /// `owner/name`; where the event is about no repository, the organisation or account.
    repository: String,
    actor: String,
    /// The kind of event, and what happened: `issues.opened`, `push`.
    action: String,
    /// What it happened to, in the words people use for it: `#12 Fix the thing`.
    subject: String,
    counts: BTreeMap<String, u64>,
}

#[handler]
fn handle(event: Event<Webhook>) -> Result<Digest, Error> {
    let Some(kind_and_action) = event.type_().strip_prefix(TYPE_PREFIX) else {
        return Err(Error::permanent(format!(
            "{} is not a type of GitHub's: {TYPE_PREFIX}...",
            event.type_()
        )));
    };
    let webhook = event.data()?;
    let kind = kind_and_action.split('.').next().unwrap_or(kind_and_action);
    let repository = repository(webhook).map_or_else(|| without_scheme(event.source()), str::to_owned);
    Ok(Digest {
        actor: actor(webhook).to_owned(),
        action: action(kind_and_action, webhook),
        subject: subject::subject(kind, webhook).unwrap_or_else(|| repository.clone()),
        counts: counts::counts(kind, webhook),
        repository,
    })
}

fn repository(webhook: &Webhook) -> Option<&str> {
    webhook
        .text("/repository/full_name")
        .or_else(|| webhook.text("/organization/login"))
        .or_else(|| webhook.text("/installation/account/login"))
        .or_else(|| webhook.text("/marketplace_purchase/account/login"))
        .or_else(|| webhook.text("/sponsorship/sponsorable/login"))
}

/// Some events are about GitHub as a whole; their source is its address.
fn without_scheme(source: &str) -> String {
    source.split_once("://").map_or(source, |(_, rest)| rest).to_owned()
}

/// What has no sender was done by GitHub itself.
fn actor(webhook: &Webhook) -> &str {
    webhook.text("/sender/login").or_else(|| webhook.text("/pusher/name")).unwrap_or("github")
}

/// GitHub calls a merged pull request closed. People do not.
fn action(kind_and_action: &str, webhook: &Webhook) -> String {
    match kind_and_action {
        "pull_request.closed" if webhook.is_true("/pull_request/merged") => "pull_request.merged",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests;
