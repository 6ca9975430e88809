//! `wasm-evq check`: is this module a handler, and what bounds will it run under?

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use bytesize::ByteSize;
use serde_json::json;

use super::Failure;
use super::handler_options::{HandlersOptions, load};
use super::output;
use crate::config::HandlerSettings;
use crate::event::{Filter, RetryPolicy};
use crate::grants::{Access, Origin, RecordedGrants, RecordedValue};
use crate::limits::{self, Limits};
use crate::sandbox::{Handler, Sandbox};

const EXAMPLE: &str = "\
Examples:
  wasm-evq check shout.wasm --max-memory 16MiB
  wasm-evq check --config evq.toml

Exits 0 when the module is a handler, or the file and all its modules are sound; otherwise each problem is
named, and it exits 2.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct CheckArgs {
    #[command(flatten)]
    handlers: HandlersOptions,

    /// Print one JSON object for each handler
    #[arg(long)]
    json: bool,
}

pub fn run(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let (settings, _) = args.handlers.settings(RetryPolicy::default())?;
    let loaded = settings.iter().map(|one| Ok((one, load(one, 1)?))).collect::<Result<Vec<_>, Failure>>()?;
    let mut out = output::stdout();
    let mut print_all = || {
        for (place, (settings, (sandbox, handler))) in loaded.iter().enumerate() {
            match args.json {
                true => output::json_line(&mut out, &as_json(settings, sandbox, handler))?,
                false if place > 0 => write!(out, "\n{}", as_text(settings, sandbox, handler))?,
                false => out.write_all(as_text(settings, sandbox, handler).as_bytes())?,
            }
        }
        out.flush()
    };
    output::finish(print_all())
}

fn as_json(settings: &HandlerSettings, sandbox: &Sandbox, handler: &Handler) -> serde_json::Value {
    let facts = handler.facts();
    json!({
        "handler": handler.name(),
        "sha256": hex::encode(facts.sha256),
        "abi": facts.abi.as_str(),
        "module_bytes": facts.module_bytes,
        "memory_bytes_min": facts.memory_bytes_min,
        "imports": facts.imports,
        "engine": sandbox.fingerprint(),
        "limits": sandbox.limits(),
        "grants": handler.grants().recorded(),
        "filter": settings.filter,
        "compile_limits": {
            "compile_ms": u64::try_from(sandbox.compile_time_max().as_millis()).unwrap_or(u64::MAX),
            "module_bytes": limits::MODULE_BYTES_MAX,
            "module_text_bytes": limits::MODULE_TEXT_BYTES_MAX,
            "code_bytes": limits::CODE_BYTES_MAX,
            "functions": limits::FUNCTIONS_MAX,
            "function_compile_bytes": limits::FUNCTION_COMPILE_BYTES_MAX,
        },
    })
}

fn as_text(settings: &HandlerSettings, sandbox: &Sandbox, handler: &Handler) -> String {
    let facts = handler.facts();
    let mut lines = vec![
        ("handler", handler.name().to_owned()),
        ("sha256", hex::encode(facts.sha256)),
        ("abi", facts.abi.as_str().to_owned()),
        ("module", size(facts.module_bytes)),
        ("memory at start", size(facts.memory_bytes_min)),
        ("imports", if facts.imports.is_empty() { "none".into() } else { facts.imports.join(", ") }),
        ("compiled in", format!("{:.0?}", Duration::from_millis(facts.load_time.as_millis() as u64))),
        ("engine", sandbox.fingerprint()),
        ("events", settings.filter.as_ref().map_or_else(|| "all".to_owned(), filter_text)),
    ];
    let grants = handler.grants().recorded();
    lines.push(("grant: environment", environment_text(&grants)));
    lines.push(("grant: http", http_text(&grants)));
    lines.extend(limit_lines(sandbox.limits()));
    lines.extend(load_limit_lines(sandbox.compile_time_max()));
    lines.iter().map(|(name, value)| format!("{name:<24}{value}\n")).collect()
}

/// As the filter would be written in JSON, which differs from TOML by its colons.
fn filter_text(filter: &Filter) -> String {
    serde_json::to_string(filter).unwrap_or_default()
}

/// The names that are granted; a value may be long.
fn environment_text(grants: &RecordedGrants) -> String {
    let names = grants.environment.iter().map(|(name, value)| match value {
        RecordedValue::Value(_) => name.clone(),
        RecordedValue::Secret => format!("{name} (secret)"),
    });
    let names: Vec<String> = names.collect();
    if names.is_empty() { "none (--env, --secret-env, --secret-file)".into() } else { names.join(", ") }
}

/// The origins that may be called, with their methods.
fn http_text(grants: &RecordedGrants) -> String {
    let origins = grants.http.iter().map(|(origin, access)| origin_text(origin, access));
    let origins: Vec<String> = origins.collect();
    if origins.is_empty() { "none (--http, --http-private)".into() } else { origins.join("; ") }
}

fn origin_text(origin: &Origin, access: &Access) -> String {
    let methods: Vec<&str> = access.methods.iter().map(|method| method.as_str()).collect();
    let private = if access.private { ", may be private" } else { "" };
    format!("{origin} {}{private}", methods.join(" "))
}

/// Every limit, with the option that changes it where there is one.
fn limit_lines(bounds: &Limits) -> Vec<(&'static str, String)> {
    vec![
        ("limit: event", format!("{} (--max-event)", size(bounds.event_bytes_max))),
        ("limit: memory", format!("{} (--max-memory)", size(bounds.memory_bytes_max))),
        ("limit: fuel", format!("{} (--fuel)", bounds.fuel_max)),
        ("limit: wall clock", format!("{:?} (--timeout)", bounds.wall_clock_max)),
        ("limit: stack", size(bounds.stack_bytes_max)),
        ("limit: table elements", bounds.table_elements_max.to_string()),
        ("limit: output", size(bounds.output_bytes_max)),
        ("limit: logs", size(bounds.log_bytes_max)),
        (
            "limit: emitted events",
            format!("{}, {} together", bounds.emitted_events_max, size(bounds.emitted_bytes_max)),
        ),
        ("limit: hops", bounds.hops_max.to_string()),
        (
            "limit: http",
            format!(
                "{} requests, {:?} each, {} a body, {} together",
                limits::HTTP_EXCHANGES_MAX,
                limits::HTTP_TIME_MAX,
                size(limits::HTTP_BODY_BYTES_MAX),
                size(limits::HTTP_BYTES_MAX)
            ),
        ),
    ]
}

/// What bounds the loading of a module.
fn load_limit_lines(compile_time_max: Duration) -> [(&'static str, String); 4] {
    [
        ("limit: compiling", format!("{compile_time_max:?} (--compile-timeout)")),
        (
            "limit: module",
            format!("{}, {} as text", size(limits::MODULE_BYTES_MAX), size(limits::MODULE_TEXT_BYTES_MAX)),
        ),
        ("limit: code", format!("{}, {} functions", size(limits::CODE_BYTES_MAX), limits::FUNCTIONS_MAX)),
        ("limit: one function", format!("{} to compile", size(limits::FUNCTION_COMPILE_BYTES_MAX))),
    ]
}

fn size(bytes: u64) -> String {
    ByteSize(bytes).to_string()
}
