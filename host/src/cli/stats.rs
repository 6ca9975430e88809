//! `wasm-evq stats`: how much there is of everything.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use bytesize::ByteSize;
use serde_json::json;

use super::Failure;
use super::output::{self, json_line, one_line};
use crate::store::sqlite::SqliteReader;
use crate::store::{Inspect, Stats};

/// Show counts of events and results.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  wasm-evq stats
  wasm-evq stats --json | jq .pending")]
pub struct StatsArgs {
    /// The database
    #[arg(long, value_name = "PATH", default_value = "evq.db")]
    pub db: PathBuf,

    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// Prints the counts.
///
/// # Errors
/// When the database cannot be read, or printing fails for another reason than a closed pipe.
pub fn run(args: &StatsArgs) -> Result<ExitCode, Failure> {
    let stats = SqliteReader::open(&args.db)?.stats()?;
    let mut out = output::stdout();
    let printed = if args.json { print_json(&mut out, &stats) } else { print_text(&mut out, &stats) };
    output::finish(printed.and_then(|()| out.flush()))
}

fn print_json(out: &mut impl Write, stats: &Stats) -> io::Result<()> {
    let modules = stats.modules.iter().map(|(handler, sha256, ok, dead)| {
        json!({"handler": handler, "handler_sha256": sha256, "ok": ok, "dead": dead})
    });
    let reasons = stats.dead_reasons.iter().map(|(error, events)| json!({"error": error, "events": events}));
    json_line(
        out,
        &json!({
            "events": stats.events,
            "pending": stats.pending,
            "leased": stats.leased,
            "ok": stats.ok,
            "dead": stats.dead,
            "rejected": stats.rejected,
            "unmatched": stats.unmatched,
            "paused": stats.paused,
            "oldest_pending_at": stats.oldest_pending_at.map(|at| at.to_string()),
            "modules": modules.collect::<Vec<_>>(),
            "dead_reasons": reasons.collect::<Vec<_>>(),
            "database_bytes": stats.database_bytes,
        }),
    )
}

fn print_text(out: &mut impl Write, stats: &Stats) -> io::Result<()> {
    let oldest = stats.oldest_pending_at.map_or_else(String::new, |at| format!("  oldest from {at}"));
    writeln!(out, "events    {}", stats.events)?;
    writeln!(out, "pending   {}{oldest}", stats.pending)?;
    writeln!(out, "leased    {}", stats.leased)?;
    writeln!(out, "ok        {}", stats.ok)?;
    writeln!(out, "dead      {}", stats.dead)?;
    writeln!(out, "rejected  {}", stats.rejected)?;
    writeln!(out, "unmatched {}", stats.unmatched)?;
    writeln!(out, "database  {}", ByteSize(stats.database_bytes))?;
    for handler in &stats.paused {
        writeln!(out, "paused    {}", one_line(handler))?;
    }
    if !stats.modules.is_empty() {
        writeln!(out, "\nresults by module")?;
    }
    for (handler, sha256, ok, dead) in &stats.modules {
        writeln!(out, "  {}  {ok} ok, {dead} dead  (sha256 {sha256})", one_line(handler))?;
    }
    if !stats.dead_reasons.is_empty() {
        writeln!(out, "\nwhy events are dead")?;
    }
    for (error, events) in &stats.dead_reasons {
        writeln!(out, "  {events:>8}  {}", one_line(error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UnixMillis;

    fn stats() -> Stats {
        Stats {
            events: 5,
            ok: 2,
            dead: 1,
            pending: 2,
            oldest_pending_at: Some(UnixMillis(0)),
            modules: vec![("h".into(), "ab".into(), 2, 1)],
            dead_reasons: vec![("no \x1b stock".into(), 1)],
            ..Stats::default()
        }
    }

    #[test]
    fn text_names_every_count_and_cannot_drive_the_terminal() {
        let mut out = Vec::new();
        print_text(&mut out, &stats()).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("pending   2  oldest from 1970-01-01T00:00:00.000Z"), "{text}");
        assert!(text.contains(r"1  no \u{1b} stock"), "{text}");
    }

    #[test]
    fn json_is_one_object() {
        let mut out = Vec::new();
        print_json(&mut out, &stats()).unwrap();
        let object: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(object["modules"][0]["dead"], 1);
        assert_eq!(object["dead_reasons"][0]["events"], 1);
    }
}
