//! `wasm-evq serve`: events in and results out over HTTP, until someone says stop.

mod announce;
mod life;
mod plan;

use std::process::ExitCode;
use std::sync::Arc;

use self::announce::Teller;
use self::plan::Plan;
use super::Failure;
use super::handler_options::HandlerOptions;
use super::queue_options::QueueOptions;
use crate::api::{ApiParts, Pressure, READ_TIME_MAX, READS_MAX, Reader, ServedHandler};
use crate::clock::Clock;
use crate::config::parse_size_bytes;
use crate::queue::{HostParts, Queue, QueueConfig, WhenDrained};
use crate::store::sqlite::{SqliteReader, SqliteStore};
use crate::store::{Inspect, Lease, ModuleIdentity, Registered, StoreError};

const EXAMPLE: &str = "\
Examples:
  wasm-evq serve orders.wasm
  curl -d '{\"quantity\":2}' -H 'content-type: application/json' \\
    'http://127.0.0.1:8080/events?type=com.example.order&wait=5s'
  wasm-evq serve orders.wasm --listen 127.0.0.1:0 --json   # a free port, told as JSON

`/openapi.json` describes every path. SIGTERM or Ctrl-C: nothing more is accepted, what runs is
finished and recorded, exit code 0; a second one ends at once, and nothing accepted is lost.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct ServeArgs {
    #[command(flatten)]
    handler: HandlerOptions,

    #[command(flatten)]
    queue: QueueOptions,

    /// Address and port; only loopback, since whoever reaches it may do everything. Port 0: a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: String,

    /// A further name under which requests may come, such as that of a proxy; repeatable
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,

    /// Unsettled events above which no more are accepted [default: 1000000]
    #[arg(long, value_name = "N")]
    max_pending: Option<u64>,

    /// Bytes of the disk kept free: below, no events are accepted [default: 256MiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size_bytes)]
    min_free_disk: Option<u64>,

    /// Print where it listens as one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: &ServeArgs) -> Result<ExitCode, Failure> {
    let plan = Plan::of(args)?;
    let (sandbox, handler) = args.handler.load(plan.workers.get())?;
    let clock = Arc::new(Clock::System);
    let store = Arc::new(SqliteStore::open(&plan.db, clock.clone())?);
    let identity = ModuleIdentity {
        handler: handler.name().to_owned(),
        sha256: handler.facts().sha256,
        engine: sandbox.fingerprint(),
        limits: *sandbox.limits(),
    };
    let registered = store.register(&identity, handler.bytes())?;
    let parts = parts(&plan, store.clone(), clock.clone(), served(registered, identity))?;
    let teller = Teller::new(&parts);
    let host = HostParts { store, clock, tally: Arc::default(), backlog: Arc::default() };
    let config = QueueConfig {
        handler,
        registered,
        policy: plan.policy,
        workers: plan.workers,
        when_drained: WhenDrained::LeaveRetries,
    };
    let start_queue = || {
        Queue::start(config, host, Some(Box::new(teller)))
            .map_err(|e| Failure::work(format!("the machine gives no thread for the queue: {e}")))
    };
    life::run(plan.listen, parts, start_queue, args.json)?;
    Ok(ExitCode::SUCCESS)
}

fn served(registered: Registered, identity: ModuleIdentity) -> ServedHandler {
    ServedHandler {
        id: registered.handler,
        name: identity.handler,
        sha256: hex::encode(identity.sha256),
        engine: identity.engine,
        limits: identity.limits,
    }
}

fn parts(
    plan: &Plan,
    store: Arc<SqliteStore>,
    clock: Arc<Clock>,
    handler: ServedHandler,
) -> Result<ApiParts, StoreError> {
    let (readers, unsettled) = open_readers(plan)?;
    Ok(ApiParts {
        enqueue: store.clone(),
        maintain: store,
        database: plan.db.clone(),
        clock,
        readers,
        handler,
        metrics: Arc::default(),
        history: Arc::default(),
        news: Arc::default(),
        pressure: Arc::new(Pressure::new(plan.pressure, unsettled, plan.folder())),
        hosts: plan.hosts.clone(),
    })
}

/// Connections to look with, and how many events wait to be settled.
fn open_readers(plan: &Plan) -> Result<(Vec<Reader>, u64), StoreError> {
    let stats = SqliteReader::open(&plan.db)?.stats()?;
    let open = |_| Ok(Box::new(SqliteReader::open_bounded(&plan.db, READ_TIME_MAX)?) as Reader);
    let readers = (0..READS_MAX).map(open).collect::<Result<Vec<_>, StoreError>>()?;
    Ok((readers, stats.pending + stats.leased))
}
