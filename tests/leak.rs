//! The control of `verify`: results of a sandbox that leaks are found.
//!
//! The leak is a real one: an instance that is used again, which `bench` measures against and the queue has
//! no road to.

use std::sync::Arc;
use std::time::Duration;

use wasm_evq::clock::{Clock, UnixMillis};
use wasm_evq::event::{Report, Settlement, Verdict, parse_event};
use wasm_evq::grants::RecordedGrants;
use wasm_evq::limits::{COMPILE_TIME_MAX, Limits};
use wasm_evq::sandbox::{Allocation, Answers, Handler, Invocation, Sandbox, SandboxConfig, WarmInstance};
use wasm_evq::store::sqlite::SqliteStore;
use wasm_evq::store::{Addressed, Enqueue, Lease, Leased, ModuleIdentity, Room, Route, Settled};

use crate::support::{Dir, evq, guest, many};

const ROOM: Room = Room { events_max: 100, bytes_max: u64::MAX };

/// A sandbox, and the handler whose results are recorded.
struct Leaky {
    sandbox: Sandbox,
    handler: Handler,
    instance: WarmInstance,
}

impl Leaky {
    fn new() -> Self {
        let config = SandboxConfig {
            limits: Limits::default(),
            slots: 2,
            compile_time_max: COMPILE_TIME_MAX,
            cache_dir: None,
            allocation: Allocation::Resident,
        };
        let sandbox = Sandbox::new(&config).unwrap();
        let handler = sandbox.load("counts", guest("counts").as_ref()).unwrap();
        let instance = handler.warm().unwrap();
        Leaky { sandbox, handler, instance }
    }

    /// What the reused instance answers, at the cost that a fresh one has: nothing but the answer tells.
    fn attempt(&mut self, leased: &Leased) -> Report {
        let Leased { json, id, accepted_at, hops, .. } = leased.clone();
        let fresh = self.handler.invoke(Invocation {
            event: json.clone(),
            attempt: id.attempt,
            accepted_at,
            hops,
            answers: Answers::Live,
        });
        let leaked = self.instance.call(json).unwrap();
        assert!(matches!(leaked.verdict, Verdict::Ok { .. }));
        Report { figures: fresh.report.figures, ..leaked }
    }

    /// Records the answers to all of these events, as the queue would.
    fn record(&mut self, dir: &Dir, events: u32) {
        let store = SqliteStore::open(&dir.file("evq.db"), Arc::new(Clock::System)).unwrap();
        let module = ModuleIdentity {
            handler: "counts".into(),
            sha256: self.handler.facts().sha256,
            engine: self.sandbox.fingerprint().to_owned(),
            limits: Limits::default(),
            grants: RecordedGrants::default(),
        };
        let registered = store.register(&module, self.handler.bytes()).unwrap();
        let to = Route::One(registered.handler);
        let events = many(events).map(|line| parse_event(line.as_bytes(), 1000).unwrap());
        store.enqueue(events.map(|event| Addressed { event, to: to.clone() }).collect()).unwrap();
        let leases = store.claim(registered.handler, ROOM, Duration::ZERO).unwrap().leases;
        let settled = leases.iter().map(|leased| Settled {
            lease: leased.id,
            counts: leased.counts,
            event_bytes: leased.json.len() as u64,
            module: registered.module,
            settlement: Settlement::Done,
            report: self.attempt(leased),
            routes: Vec::new(),
            finished_at: UnixMillis(0),
        });
        store.settle(settled.collect()).unwrap();
    }
}

#[test]
fn what_leaks_from_one_attempt_to_the_next_is_found_by_verify() {
    let dir = Dir::new();
    Leaky::new().record(&dir, 5);
    assert_eq!(dir.sql("SELECT group_concat(output) FROM outcome"), "1,9,9,9,9");
    for allocator in ["on-demand", "pooling", "resident"] {
        let typed = evq(["verify", "--all", "--json", "--allocator", allocator]);
        let mut lines = typed.in_(&dir).assert_code(1).json_lines();
        let report = lines.pop().unwrap();
        assert_eq!((&report["equal"], &report["different"]), (&1.into(), &4.into()), "{allocator}");
        for line in lines {
            let output = &line["fields"]["output"];
            assert_eq!((&output["recorded"], &output["now"]), (&"9".into(), &"1".into()));
            assert_eq!(line["fields"].as_object().unwrap().len(), 1, "only the answer tells: {line}");
        }
    }
}
