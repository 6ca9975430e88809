//! `wasm-evq dead`: list the events that were given up, queue them again, or forget them.
//!
//! Retry and drop say how many events they mean before they touch one. While a server owns the database
//! it is asked to do it, by the socket beside the file; while a `run` does they fail with its process id.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::remote::Remote;
use super::results::{self, JsonRows, PrintRows, TableRows};
use super::{Failure, output};
use crate::clock::Clock;
use crate::store::sqlite::{SqliteReader, SqliteStore};
use crate::store::{DeadFilter, Inspect, Maintain, ResultFilter, ResultRow, ResultStatus, StoreError};

/// List, retry or drop events that are dead.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  wasm-evq dead list
  wasm-evq dead retry --error 'no route to host' --dry-run
  wasm-evq dead drop --type order.test --yes")]
pub struct DeadArgs {
    #[command(subcommand)]
    pub command: DeadCommand,
}

#[derive(Debug, clap::Subcommand)]
pub enum DeadCommand {
    /// List dead events
    List {
        #[command(flatten)]
        which: Which,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Queue dead events again, with their history and a new count of failures
    Retry {
        #[command(flatten)]
        which: Which,
        /// Only say how many there are
        #[arg(long)]
        dry_run: bool,
    },
    /// Forget dead events for good
    Drop {
        #[command(flatten)]
        which: Which,
        /// Only say how many there are
        #[arg(long)]
        dry_run: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Which dead events; every given part must fit.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// The database
    #[arg(long, value_name = "PATH", default_value = "evq.db")]
    pub db: PathBuf,

    /// The event with this id
    #[arg(long, value_name = "ID")]
    pub event: Option<String>,

    /// Only events of this type
    #[arg(long = "type", value_name = "TYPE")]
    pub type_: Option<String>,

    /// Only those of this handler
    #[arg(long, value_name = "NAME")]
    pub handler: Option<String>,

    /// Only those whose error holds this text
    #[arg(long, value_name = "TEXT")]
    pub error: Option<String>,
}

/// Who has the database to himself.
enum Owner {
    We(SqliteStore),
    Server(Remote),
}

#[derive(Deserialize)]
struct Retried {
    retried: u64,
}

#[derive(Deserialize)]
struct Dropped {
    dropped: u64,
}

impl Which {
    fn results(&self) -> ResultFilter {
        ResultFilter {
            status: Some(ResultStatus::Dead),
            type_: self.type_.clone(),
            handler: self.handler.clone(),
            error_contains: self.error.clone(),
            error_is: None,
            ..ResultFilter::default()
        }
    }

    fn dead(&self) -> DeadFilter {
        DeadFilter {
            event_id: self.event.clone(),
            type_: self.type_.clone(),
            handler: self.handler.clone(),
            error_contains: self.error.clone(),
            error_is: None,
            ..DeadFilter::default()
        }
    }

    fn fits(&self, row: &ResultRow) -> bool {
        self.event.as_ref().is_none_or(|id| *id == row.event_id)
    }

    fn count(&self) -> Result<u64, Failure> {
        let mut count = 0;
        SqliteReader::open(&self.db)?.results(&self.results(), &mut |row| {
            count += u64::from(self.fits(&row));
            std::ops::ControlFlow::Continue(())
        })?;
        Ok(count)
    }

    fn owner(&self) -> Result<Owner, Failure> {
        match SqliteStore::open(&self.db, Arc::new(Clock::System)) {
            Ok(store) => Ok(Owner::We(store)),
            Err(owned @ StoreError::Owned { .. }) => {
                let server = Remote::beside(&self.db);
                // A `run` has no socket: then it is the owner that has to be waited for.
                if server.is_there() { Ok(Owner::Server(server)) } else { Err(owned.into()) }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Has the server act on the same events.
    fn ask<T: DeserializeOwned>(&self, server: &Remote, path: &str) -> Result<T, Failure> {
        let Which { event, type_, handler, error, .. } = self;
        let given = [("event", event), ("type", type_), ("handler", handler), ("error", error)];
        let mut asked: Map<String, Value> = given
            .into_iter()
            .filter_map(|(name, value)| Some((name.into(), value.clone()?.into())))
            .collect();
        if asked.is_empty() {
            asked.insert("scope".into(), "all".into());
        }
        let body = Value::Object(asked).to_string();
        Ok(server.post(path, "application/json", body.as_bytes())?)
    }
}

/// Does what was asked with the dead events that fit.
///
/// # Errors
/// When the database cannot be read or changed, or a drop was not agreed to.
pub fn run(args: &DeadArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        DeadCommand::List { which, json: true } => list(which, &mut JsonRows::new(output::stdout())),
        DeadCommand::List { which, json: false } => list(which, &mut TableRows::new(output::stdout())),
        DeadCommand::Retry { which, dry_run } => {
            let count = which.count()?;
            if *dry_run || count == 0 {
                return say(&format!("{} would be queued again", dead_events(count)));
            }
            say(&format!("{} to queue again", dead_events(count)))?;
            match which.owner()? {
                Owner::We(store) => {
                    let retried = store.retry_dead(&which.dead())?;
                    say(&format!("{retried} queued; `wasm-evq run HANDLER` runs them"))
                }
                Owner::Server(server) => {
                    let Retried { retried } = which.ask(&server, "/dead/retry")?;
                    say(&format!("{retried} queued; the server runs them"))
                }
            }
        }
        DeadCommand::Drop { which, dry_run, yes } => {
            let count = which.count()?;
            if *dry_run || count == 0 {
                return say(&format!("{} would be dropped", dead_events(count)));
            }
            say(&format!("{} to drop for good", dead_events(count)))?;
            if !*yes {
                ask()?;
            }
            let dropped = match which.owner()? {
                Owner::We(store) => store.drop_dead(&which.dead())?,
                Owner::Server(server) => which.ask::<Dropped>(&server, "/dead/drop")?.dropped,
            };
            say(&format!("{dropped} dropped"))
        }
    }
}

fn list(which: &Which, rows: &mut dyn PrintRows) -> Result<ExitCode, Failure> {
    let reader = SqliteReader::open(&which.db)?;
    results::print(&reader, &which.results(), &|row| which.fits(row), rows)
}

fn dead_events(count: u64) -> String {
    if count == 1 { "1 dead event".to_owned() } else { format!("{count} dead events") }
}

fn say(line: &str) -> Result<ExitCode, Failure> {
    output::finish(writeln!(io::stdout(), "{line}"))
}

/// Asks the person at the terminal; where nobody can be asked, nothing is dropped.
fn ask() -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage("nobody is here to ask whether to drop them; say --yes"));
    }
    eprint!("Drop them? [y/N] ");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|e| Failure::work(format!("cannot read the answer: {e}")))?;
    if answer.trim().eq_ignore_ascii_case("y") || answer.trim().eq_ignore_ascii_case("yes") {
        return Ok(());
    }
    Err(Failure::work("nothing was dropped"))
}
