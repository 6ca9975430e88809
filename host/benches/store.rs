//! What does a batch of events cost the store, in memory and in SQLite: accepted, then claimed and
//! settled? On SQLite each is one or two commits on the disk of the temporary folder.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use wasm_evq::clock::{Clock, UnixMillis};
use wasm_evq::event::{NewEvent, Output, Report, Settlement, Verdict, parse_event};
use wasm_evq::grants::RecordedGrants;
use wasm_evq::limits::Limits;
use wasm_evq::store::memory::MemoryStore;
use wasm_evq::store::sqlite::SqliteStore;
use wasm_evq::store::{Addressed, Enqueue, Lease, Leased, ModuleIdentity, Registered, Room, Route, Settled};

const BATCHES: [usize; 3] = [1, 64, 1024];

fn main() {
    divan::main();
}

#[divan::bench(args = BATCHES)]
fn enqueue_in_memory(bencher: divan::Bencher, batch: usize) {
    time_enqueue(bencher, &Subject::in_memory(), batch);
}

#[divan::bench(args = BATCHES)]
fn enqueue_in_sqlite(bencher: divan::Bencher, batch: usize) {
    let folder = tempfile::tempdir().expect("there is room for a file");
    time_enqueue(bencher, &Subject::in_sqlite(&folder), batch);
}

#[divan::bench(args = BATCHES)]
fn claim_and_settle_in_memory(bencher: divan::Bencher, batch: usize) {
    time_settle(bencher, &Subject::in_memory(), batch);
}

#[divan::bench(args = BATCHES)]
fn claim_and_settle_in_sqlite(bencher: divan::Bencher, batch: usize) {
    let folder = tempfile::tempdir().expect("there is room for a file");
    time_settle(bencher, &Subject::in_sqlite(&folder), batch);
}

fn time_enqueue<S: Enqueue + Lease>(bencher: divan::Bencher, subject: &Subject<S>, batch: usize) {
    bencher
        .with_inputs(|| subject.new_events(batch))
        .bench_local_values(|events| subject.store.enqueue(events));
}

fn time_settle<S: Enqueue + Lease>(bencher: divan::Bencher, subject: &Subject<S>, batch: usize) {
    let room = Room { events_max: batch, bytes_max: u64::MAX };
    let handler = subject.registered.handler;
    let enqueue = || subject.store.enqueue(subject.new_events(batch)).expect("events are stored");
    bencher.with_inputs(enqueue).bench_local_values(|_| {
        let claim = subject.store.claim(handler, room, Duration::ZERO).expect("events are there");
        assert_eq!(claim.leases.len(), batch);
        let ended = claim.leases.iter().map(|leased| subject.done(leased)).collect();
        subject.store.settle(ended)
    });
}

struct Subject<S> {
    store: S,
    registered: Registered,
    next_id: Cell<u64>,
}

impl Subject<MemoryStore> {
    fn in_memory() -> Self {
        Subject::over(MemoryStore::new(Arc::new(Clock::System)))
    }
}

impl Subject<SqliteStore> {
    fn in_sqlite(folder: &TempDir) -> Self {
        let path = folder.path().join("bench.db");
        Subject::over(SqliteStore::open(&path, Arc::new(Clock::System)).expect("a new file"))
    }
}

impl<S: Enqueue + Lease> Subject<S> {
    fn over(store: S) -> Self {
        let module = ModuleIdentity {
            handler: "bench".into(),
            sha256: [7; 32],
            engine: "none".into(),
            limits: Limits::default(),
            grants: RecordedGrants::default(),
        };
        let registered = store.register(&module, Arc::from(&b"\0asm"[..])).expect("a new module");
        Subject { store, registered, next_id: Cell::new(0) }
    }

    fn new_events(&self, count: usize) -> Vec<Addressed> {
        let first = self.next_id.replace(self.next_id.get() + count as u64);
        let to = Route::One(self.registered.handler);
        (first..).take(count).map(|id| Addressed { event: event(id), to: to.clone() }).collect()
    }

    fn done(&self, leased: &Leased) -> Settled {
        let verdict =
            Verdict::Ok { output: Output::Json(r#"{"total_cents":1001}"#.into()), emitted: Vec::new() };
        Settled {
            lease: leased.id,
            counts: leased.counts,
            event_bytes: leased.json.len() as u64,
            module: self.registered.module,
            settlement: Settlement::Done,
            report: Report::bare(verdict),
            routes: Vec::new(),
            finished_at: UnixMillis(0),
        }
    }
}

/// About 300 bytes.
fn event(id: u64) -> NewEvent {
    let json = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"/bench","type":"order","data":"{:.<230}"}}"#,
        ""
    );
    parse_event(json.as_bytes(), 1024).expect("it is an event")
}
