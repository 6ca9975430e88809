//! The life of a server as a supervisor sees it: it says where it listens, serves, and ends in order.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use super::hangup::Credentials;
use super::keeper::Keeper;
use super::supervisor;
use crate::api::{ApiParts, Server};
use crate::cli::interrupts::{Interrupts, end_at_once, say_stopping};
use crate::cli::{Failure, output};
use crate::store::StoreError;

/// Threads for sockets and timers; guests run on the queue's.
const IO_THREADS: usize = 2;

/// What `--json` prints. The name and its meaning are a contract with scripts.
#[derive(Serialize)]
struct Listening {
    listening: String,
}

/// Serves until a signal, or until a queue fails. The handlers are put to work once the address is ours.
pub fn run(
    listen: SocketAddr,
    parts: ApiParts,
    put_to_work: impl FnOnce() -> Result<Keeper, Failure>,
    token_file: Option<PathBuf>,
    as_json: bool,
) -> Result<(), Failure> {
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        // Before anyone is told that it serves: from then on signals may come.
        let uncaught = |e| Failure::work(format!("signals cannot be caught: {e}"));
        let interrupts = Interrupts::catch().map_err(uncaught)?;
        let hangups = signal(SignalKind::hangup()).map_err(uncaught)?;
        let store = parts.enqueue.clone();
        let server = Server::listen(listen, parts).await?;
        let keeper = put_to_work()?;
        let credentials = Credentials { reloader: server.reloader(), token_file };
        tokio::spawn(supervisor::feed_watchdog(store, keeper.heart()));
        if let Some(reason) = server.no_socket() {
            eprintln!("wasm-evq: no socket beside the database: {reason}; `send` and `dead` have to be given its address");
        }
        say_listening(server.url(), as_json)?;
        supervisor::ready();
        serve(server, keeper, credentials, interrupts, hangups).await
    });
    // Looks that still run are bounded, and nobody waits for them.
    runtime.shutdown_timeout(Duration::ZERO);
    ended
}

fn runtime() -> Result<Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let built = builder.worker_threads(IO_THREADS).thread_name("evq-http").enable_all().build();
    built.map_err(|e| Failure::work(format!("the machine gives no event loop: {e}")))
}

fn say_listening(url: String, as_json: bool) -> Result<(), Failure> {
    if !as_json {
        eprintln!("wasm-evq: listening on {url}");
        return Ok(());
    }
    let mut out = output::stdout();
    output::finish(output::json_line(&mut out, &Listening { listening: url }).and_then(|()| out.flush()))?;
    Ok(())
}

/// First the server ends, so that what it accepted last is stored; then the queues, so that what runs
/// is settled. SIGHUP has modules and credentials read anew.
async fn serve(
    server: Server,
    keeper: Keeper,
    credentials: Credentials,
    mut interrupts: Interrupts,
    mut hangups: Signal,
) -> Result<(), Failure> {
    let (stop, orders) = (server.stop(), keeper.orders());
    let mut serving = tokio::spawn(server.run());
    let mut running = tokio::task::spawn_blocking(move || keeper.join());
    loop {
        tokio::select! {
            () = interrupts.next() => {
                say_stopping();
                supervisor::stopping();
                break;
            }
            _ = &mut serving => break,
            ended = &mut running => {
                stop.stop();
                let _ = serving.await;
                return Ok(joined(ended)?);
            }
            Some(()) = hangups.recv() => {
                orders.read_all();
                credentials.read_again();
            }
        }
    }
    stop.stop();
    let orderly = async {
        serving_ended(&mut serving).await;
        orders.stop();
        joined(running.await)
    };
    tokio::select! {
        ended = orderly => Ok(ended?),
        () = interrupts.next() => end_at_once(),
    }
}

async fn serving_ended(serving: &mut JoinHandle<()>) {
    if !serving.is_finished() {
        let _ = serving.await;
    }
}

fn joined(ended: Result<Result<(), StoreError>, tokio::task::JoinError>) -> Result<(), StoreError> {
    ended.unwrap_or_else(|e| Err(StoreError::Stopped { reason: e.to_string() }))
}
