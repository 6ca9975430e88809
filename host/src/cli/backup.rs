//! `wasm-evq backup FILE`: a whole copy of the database, also while a server works on it.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::{Failure, output};
use crate::store::sqlite::{Copied, back_up};

const EXAMPLE: &str = "\
Examples:
  wasm-evq backup /backup/evq-monday.db
  wasm-evq results --db /backup/evq-monday.db

The copy is of one moment, whole and checked, and is there only then. To go back to it, stop the server
and put it in the database's place, without the -wal and -shm files that lie beside the old one.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct BackupArgs {
    /// The file to make; one that is there is never overwritten
    #[arg(value_name = "FILE")]
    to: PathBuf,

    /// The database
    #[arg(long, value_name = "PATH", default_value = "evq.db")]
    db: PathBuf,

    /// Print what was made as one JSON object
    #[arg(long)]
    json: bool,
}

/// What `--json` prints. The names and their meaning are a contract with scripts.
#[derive(Serialize)]
struct Made<'a> {
    file: &'a str,
    events: u64,
    bytes: u64,
}

pub fn run(args: &BackupArgs) -> Result<(), Failure> {
    let to = args.to.to_string_lossy();
    if args.to.symlink_metadata().is_ok() {
        return Err(Failure::usage(format!(
            "{to} is there already, and a backup overwrites nothing; name a new file"
        )));
    }
    let bar = bar();
    let made = back_up(&args.db, &args.to, &mut |copied| draw(&bar, copied));
    bar.finish_and_clear();
    let made = made?;
    let mut out = output::stdout();
    let written = match args.json {
        true => output::json_line(&mut out, &Made { file: &to, events: made.events, bytes: made.bytes }),
        false => writeln!(out, "{to}: {} events, {}", HumanCount(made.events), HumanBytes(made.bytes)),
    };
    output::finish(written.and_then(|()| out.flush()))?;
    Ok(())
}

/// Nothing is drawn where nobody looks.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:24} copied {percent}%  {bytes} of {total_bytes}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn draw(bar: &ProgressBar, copied: Copied) {
    const PAGE_BYTES: u64 = 4096;
    bar.set_length(copied.pages_all * PAGE_BYTES);
    bar.set_position(copied.pages * PAGE_BYTES);
}
