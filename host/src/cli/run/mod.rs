//! `wasm-evq run`: events in, results out, until all is settled.

mod announce;
mod hands;
mod plan;
mod progress;
mod receipts;
mod signals;
mod summary;

use std::process::ExitCode;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use self::hands::Hands;
use self::plan::Plan;
use self::summary::Summary;
use super::Failure;
use super::event_options::EventOptions;
use super::feed_progress::Progress;
use super::handler_options::HandlersBeforeEvents;
use super::interrupts::INTERRUPTED;
use super::loaded::Loaded;
use super::queue_options::QueueOptions;
use crate::backlog::Backlog;
use crate::clock::Clock;
use crate::observe::Tally;
use crate::queue::HostParts;
use crate::route::Router;
use crate::source::{FeedConfig, FeedError, TellReceipts, feed};
use crate::store::sqlite::SqliteStore;
use crate::store::{Enqueue, StoreError};

const EXAMPLE: &str = "\
Examples:
  wasm-evq run shout.wasm events.ndjson
  tail -f orders.log | wasm-evq run orders.wasm --raw com.example.order --id-pointer /order_id --print
  producer | wasm-evq run shout.wasm - --print-accepted    # tells which events are safe
  wasm-evq run shout.wasm                # no events: finish what is pending
  wasm-evq run --config evq.toml events.ndjson   # several handlers, each by its filters: docs/config.md
  wasm-evq run orders.wasm events.ndjson --http https://api.example.com=GET,POST --secret-env API_KEY

An event's identity is its source and id. One that its handlers have seen before is counted as a
duplicate and not run again. Ctrl-C finishes what runs and ends; a second one ends at once, and
nothing accepted is lost.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct RunArgs {
    #[command(flatten)]
    handlers: HandlersBeforeEvents,

    #[command(flatten)]
    events: EventOptions,

    #[command(flatten)]
    queue: QueueOptions,

    /// Do not wait for retries that are due later; another run does them
    #[arg(long)]
    no_wait: bool,

    /// Print each result as a line of JSON once it is recorded
    #[arg(long)]
    print: bool,

    /// Print, for each line read, a line of JSON once it is durable: enqueued, duplicate, unmatched or rejected
    #[arg(long)]
    print_accepted: bool,

    /// Print only the summary, as one JSON object
    #[arg(long, conflicts_with_all = ["print", "print_accepted"])]
    json: bool,

    /// No progress, no summary
    #[arg(long)]
    quiet: bool,
}

pub fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let plan = Plan::of(args)?;
    let modules = Loaded::all(&plan.handlers, plan.workers.get())?;
    let clock = Arc::new(Clock::System);
    let store = Arc::new(SqliteStore::open(&plan.db, clock.clone())?);
    let hands = Arc::new(Hands::register(&plan, &modules, &*store)?);
    let host = HostParts {
        store: store.clone(),
        clock,
        tally: Arc::new(Tally::default()),
        backlog: Arc::new(Backlog::default()),
        router: Arc::new(Router::new(hands.rules())),
    };
    let started = Instant::now();
    let queues = hands.start(&plan, modules, &host)?;
    let feed = FeedConfig {
        inputs: plan.inputs,
        format: plan.format,
        event_bytes_max: hands.event_bytes_max(),
        router: host.router.clone(),
    };
    let size_bytes = feed.inputs.iter().map(crate::source::Input::size_bytes).sum();
    let tell = args.print_accepted.then(receipts::teller);
    let feeder = start_feeder(feed, store.clone(), &host, tell)?;
    let show_progress = !args.quiet && !args.json && !args.print && !args.print_accepted;
    let at_work = hands.clone();
    let message = move |fed: &Tally, elapsed| progress::message(fed, &at_work, &store.unsettled(), elapsed);
    let progress = Progress::start(host.tally.clone(), size_bytes, message, show_progress);
    let ending = signals::attend(queues, feeder)?;
    progress.finish();
    let summary = Summary::of(&host.tally, &hands, plan.is_file, started.elapsed());
    summary.print(args.json, args.quiet)?;
    ending.feed?;
    ending.queue?;
    Ok(match ending.interrupted {
        true => ExitCode::from(INTERRUPTED),
        false => summary.exit_code(),
    })
}

type Feeder = JoinHandle<Result<(), FeedError>>;

fn start_feeder(
    feed_config: FeedConfig,
    store: Arc<SqliteStore>,
    host: &HostParts,
    tell: Option<TellReceipts>,
) -> Result<Feeder, Failure> {
    let (backlog, tally) = (host.backlog.clone(), host.tally.clone());
    let body = move || {
        let store: Arc<dyn Enqueue> = store;
        feed(&feed_config, &store, &backlog, &tally, tell)
    };
    std::thread::Builder::new().name("evq-reader".into()).spawn(body).map_err(|e| {
        StoreError::Stopped { reason: format!("the machine gives no thread to read with: {e}") }.into()
    })
}
