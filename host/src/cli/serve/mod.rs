//! `wasm-evq serve`: events in and results out over HTTP, until someone says stop.

mod access_options;
mod announce;
mod hangup;
mod heart;
mod keeper;
mod life;
mod plan;
mod post;
mod retention_options;
mod stamp;
mod supervisor;
mod telemetry;

use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;

use self::access_options::AccessOptions;
use self::announce::Listeners;
use self::keeper::Keeper;
use self::plan::Plan;
use self::post::{Opening, Workshop, attempts_at_a_time, told};
use self::retention_options::RetentionOptions;
use self::stamp::Stamp;
use super::Failure;
use super::handler_options::HandlersOptions;
use super::loaded::{Loaded, rule};
use super::queue_options::QueueOptions;
use crate::api::{ApiParts, Metrics, Pressure, READ_TIME_MAX, READS_MAX, Reader, ServedHandler};
use crate::clock::Clock;
use crate::config::{HandlerSettings, parse_size_bytes};
use crate::queue::{Company, HostParts, Pruner, PrunerParts};
use crate::route::Router;
use crate::store::sqlite::{SqliteReader, SqliteStore};
use crate::store::{FreeSpace, StoreError};
use crate::telemetry::Tracer;

const EXAMPLE: &str = "\
Examples:
  wasm-evq serve orders.wasm
  curl -d '{\"quantity\":2}' -H 'content-type: application/json' \\
    'http://127.0.0.1:8080/events?type=com.example.order&wait=5s'
  wasm-evq serve orders.wasm --listen 127.0.0.1:0 --json   # a free port, told as JSON
  wasm-evq serve orders.wasm --otlp-endpoint http://127.0.0.1:4318   # traces and metrics to a collector
  wasm-evq serve --config evq.toml    # several handlers, each with filters and limits: docs/config.md

`/openapi.json` describes every path. A module whose file changes is swapped in; SIGHUP looks at once, and
reads tokens and certificate again. SIGTERM or Ctrl-C: nothing more is accepted, what runs is
finished and recorded, exit code 0; a second one ends at once, and nothing accepted is lost.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct ServeArgs {
    #[command(flatten)]
    handlers: HandlersOptions,

    #[command(flatten)]
    queue: QueueOptions,

    #[command(flatten)]
    access: AccessOptions,

    #[command(flatten)]
    retention: RetentionOptions,

    /// Unsettled events above which no more are accepted [default: 1000000]
    #[arg(long, value_name = "N")]
    max_pending: Option<u64>,

    /// JSON of unsettled events above which no more are accepted [default: 4GiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size_bytes)]
    max_pending_size: Option<u64>,

    /// Bytes of the disk kept free: below, no events are accepted [default: 256MiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size_bytes)]
    min_free_disk: Option<u64>,

    /// Tell an OpenTelemetry collector of attempts, requests and metrics, by OTLP over HTTP
    /// [default: OTEL_EXPORTER_OTLP_ENDPOINT, or nobody]
    #[arg(long, value_name = "URL")]
    otlp_endpoint: Option<String>,

    /// Print where it listens as one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: &ServeArgs) -> Result<ExitCode, Failure> {
    let plan = Plan::of(args)?;
    let stamps: Vec<Option<Stamp>> = plan.handlers.iter().map(|one| Stamp::of(&one.module)).collect();
    let modules = Loaded::all(&plan.handlers, attempts_at_a_time(plan.workers))?;
    let clock = Arc::new(Clock::System);
    let store = Arc::new(SqliteStore::open(&plan.db, clock.clone())?);
    let openings = register_all(&plan, stamps.into_iter().zip(modules), &store)?;
    let router =
        Arc::new(Router::new(openings.iter().map(|one| rule(&one.settings, one.registered)).collect()));
    let handlers = openings.iter().map(|opening| opening.served.clone()).collect();
    let mut parts = parts(&plan, store.clone(), clock.clone(), handlers, router.clone())?;
    let telemetry = telemetry::start(&plan, &parts)?;
    parts.tracer = telemetry.tracer();
    let listeners = Listeners {
        news: parts.news.clone(),
        metrics: parts.metrics.clone(),
        history: parts.history.clone(),
        tracer: parts.tracer.clone(),
    };
    let pruner = pruner(&plan, store.clone(), clock.clone(), &parts.metrics)?;
    let host = HostParts { store, clock, tally: Arc::default(), backlog: Arc::default(), router };
    let handlers = NonZeroUsize::new(openings.len()).unwrap_or(NonZeroUsize::MIN);
    let company = Arc::new(Company::of(handlers));
    let workshop = Workshop { host, listeners, workers: plan.workers, company };
    // It ends when this function does.
    let mut pruning = None;
    let put_to_work = || {
        let no_thread = |e| Failure::work(format!("the machine gives no thread to forget with: {e}"));
        pruning = Some(Pruner::start(pruner).map_err(no_thread)?);
        Keeper::start(openings, workshop)
    };
    let ended = life::run(plan.listen, parts, put_to_work, plan.token_file, args.json);
    telemetry.end(telemetry::FLUSH_TIME_MAX);
    ended?;
    Ok(ExitCode::SUCCESS)
}

fn register_all(
    plan: &Plan,
    modules: impl Iterator<Item = (Option<Stamp>, Loaded)>,
    store: &SqliteStore,
) -> Result<Vec<Opening>, StoreError> {
    let register = |(settings, (stamp, loaded)): (&HandlerSettings, (Option<Stamp>, Loaded))| {
        let registered = loaded.register(store)?;
        let (name, limits, filter) = (settings.name.clone(), settings.limits, settings.filter.clone());
        let served = ServedHandler::new(registered.handler, name, limits, filter, told(&loaded));
        served.set_activity(registered.activity);
        Ok(Opening { settings: settings.clone(), served: Arc::new(served), stamp, loaded, registered })
    };
    plan.handlers.iter().zip(modules).map(register).collect()
}

fn parts(
    plan: &Plan,
    store: Arc<SqliteStore>,
    clock: Arc<Clock>,
    handlers: Vec<Arc<ServedHandler>>,
    router: Arc<Router>,
) -> Result<ApiParts, StoreError> {
    let pressure = Pressure::new(plan.pressure, store.clone(), FreeSpace::beside(&plan.db));
    Ok(ApiParts {
        enqueue: store.clone(),
        maintain: store,
        database: plan.db.clone(),
        clock,
        readers: open_readers(plan)?,
        handlers,
        router,
        metrics: Arc::default(),
        history: Arc::default(),
        news: Arc::default(),
        pressure: Arc::new(pressure),
        access: plan.access.clone(),
        tracer: Tracer::default(),
    })
}

fn pruner(
    plan: &Plan,
    store: Arc<SqliteStore>,
    clock: Arc<Clock>,
    metrics: &Arc<Metrics>,
) -> Result<PrunerParts, StoreError> {
    let metrics = metrics.clone();
    Ok(PrunerParts {
        store,
        look: Box::new(SqliteReader::open(&plan.db)?),
        clock,
        retention: plan.retention,
        tell: Box::new(move |events| {
            metrics.forgotten.inc_by(events);
        }),
    })
}

/// Connections to look with.
fn open_readers(plan: &Plan) -> Result<Vec<Reader>, StoreError> {
    let open = |_| Ok(Box::new(SqliteReader::open_bounded(&plan.db, READ_TIME_MAX)?) as Reader);
    (0..READS_MAX).map(open).collect()
}
