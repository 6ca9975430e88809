//! `wasm-evq show`: one event, and all that happened to it.

mod json;
mod text;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::{Failure, output};
use crate::store::sqlite::SqliteReader;
use crate::store::{EventDetail, Inspect};

/// Show an event with its attempts, reasons, logs and figures.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  wasm-evq show 9f2c1e
  wasm-evq show 17 --source /shop --json | jq '.deliveries[0].attempts'")]
pub struct ShowArgs {
    /// The event's id
    #[arg(value_name = "EVENT")]
    pub event: String,

    /// Only the event of this source; ids are unique within a source
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,

    /// The database
    #[arg(long, value_name = "PATH", default_value = "evq.db")]
    pub db: PathBuf,

    /// One JSON object for each event with this id
    #[arg(long)]
    pub json: bool,
}

/// Prints the event; several, when several sources have one with this id.
///
/// # Errors
/// When there is no such event, or the database cannot be read.
pub fn run(args: &ShowArgs) -> Result<ExitCode, Failure> {
    let reader = SqliteReader::open(&args.db)?;
    let events = reader.events(&args.event, args.source.as_deref())?;
    if events.is_empty() {
        return Err(Failure::work(not_found(args)));
    }
    let mut out = output::stdout();
    let printed = events.iter().try_for_each(|event| print(&mut out, event, args.json));
    output::finish(printed.and_then(|()| out.flush()))
}

fn print(out: &mut impl Write, event: &EventDetail, as_json: bool) -> io::Result<()> {
    if as_json { json::print(out, event) } else { text::print(out, event) }
}

fn not_found(args: &ShowArgs) -> String {
    let source = args.source.as_ref().map_or_else(String::new, |source| format!(" and source {source:?}"));
    format!("no event with id {:?}{source} in {}", args.event, args.db.display())
}

#[cfg(test)]
mod tests {
    use crate::clock::UnixMillis;
    use crate::event::{Exchange, Figures, HttpRequest, HttpResponse};
    use crate::store::{AttemptDetail, DeliveryDetail, DeliveryState, EventDetail, EventSeq};

    fn exchange() -> Exchange {
        let (method, url) = ("GET".into(), "https://a.example/".into());
        let request = HttpRequest { method, url, headers: Vec::new(), body: Vec::new() };
        let (status, headers) = (200, vec![("x-one".into(), "1".into())]);
        Exchange { request, answer: Ok(HttpResponse { status, headers, body: b"hi\nthere".into() }) }
    }

    /// An event that trapped once, at one handler, where it stands so.
    pub fn event(state: DeliveryState) -> EventDetail {
        let attempt = AttemptDetail {
            number: 1,
            verdict: "trap".into(),
            message: Some("unreachable".into()),
            backtrace: Some("0: boom\n1: main".into()),
            logs: vec![("info".into(), "hi\nthere".into())],
            handler_sha256: "ab".into(),
            engine: "engine".into(),
            limits: None,
            figures: Figures { fuel: 7, peak_memory_bytes: 65_536, duration_us: 9 },
            finished_at: UnixMillis(1_500),
            exchanges: vec![exchange()],
        };
        EventDetail {
            seq: EventSeq(1),
            json: r#"{"id":"1","data":12345678901234567890123}"#.into(),
            accepted_at: UnixMillis(1_000),
            hops: 0,
            deliveries: vec![DeliveryDetail { handler: "h".into(), state, attempts: vec![attempt] }],
        }
    }
}
