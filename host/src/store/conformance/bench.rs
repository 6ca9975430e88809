//! The tests' hands: short words for what a test does with a store.

use std::ops::ControlFlow;
use std::time::Duration;

use super::backends::{Backend, Queue};
use crate::clock::UnixMillis;
use crate::event::{
    Figures, NewEvent, Output, Parent, Report, Settlement, TraceAttributes, Verdict, emitted_event,
    parse_event,
};
use crate::grants::RecordedGrants;
use crate::limits::Limits;
use crate::store::{
    Addressed, Bite, Bitten, Browse, Claim, DeadFilter, EnqueueFate, EventDetail, Leased, ModuleIdentity,
    Registered, ResultFilter, ResultRow, Room, Route, SUSPECT_LOSSES_MIN, SettleFate, Settled, Stats,
};

/// Room for every event of a test.
pub const ROOM: Room = Room { events_max: 1000, bytes_max: u64::MAX };

/// A store, and the handler on whose behalf it is used.
pub struct Bench {
    backend: Box<dyn Backend>,
    pub registered: Registered,
}

/// The bytes of every module here.
pub const MODULE_BYTES: &[u8] = b"(module)";

pub fn module(handler: &str) -> ModuleIdentity {
    ModuleIdentity {
        handler: handler.into(),
        sha256: [0xAB; 32],
        engine: "engine 1".into(),
        limits: Limits::default(),
        grants: RecordedGrants::default(),
    }
}

/// An event of type `t` from `/source`.
pub fn event(id: &str) -> NewEvent {
    event_from(id, "/source", "t")
}

pub fn event_from(id: &str, source: &str, type_: &str) -> NewEvent {
    let json = format!(r#"{{"specversion":"1.0","id":"{id}","source":"{source}","type":"{type_}"}}"#);
    parse_event(json.as_bytes(), 1000).unwrap()
}

/// The event that a handler emits as its `index`-th when it runs `parent`.
pub fn child(parent: &str, index: u32) -> NewEvent {
    let trace = &TraceAttributes::NONE;
    let parent = Parent { source: "/source", id: parent, handler: "h", hops: 0, trace };
    emitted_event(br#"{"type":"child"}"#, parent, index, 1000).unwrap()
}

pub fn ok() -> Verdict {
    Verdict::Ok { output: Output::None, emitted: Vec::new() }
}

pub fn failed(message: &str) -> Verdict {
    Verdict::Failed { message: message.into() }
}

pub fn retry_after() -> Verdict {
    Verdict::RetryAfter { delay: Duration::from_secs(1), message: "later".into() }
}

/// A report with figures that differ from one another.
pub fn report(verdict: Verdict) -> Report {
    let figures = Figures { fuel: 1, peak_memory_bytes: 2, duration_us: 3 };
    Report { figures, ..Report::bare(verdict) }
}

/// What a report tells of as emitted.
pub fn emitted_of(report: &Report) -> &[NewEvent] {
    match &report.verdict {
        Verdict::Ok { emitted, .. } => emitted,
        _ => &[],
    }
}

pub fn id_of(leased: &Leased) -> String {
    parse_event(leased.json.as_bytes(), 1_000_000).unwrap().id().to_owned()
}

pub fn ids_of(leases: &[Leased]) -> Vec<String> {
    leases.iter().map(id_of).collect()
}

impl Bench {
    pub fn on(backend: impl Backend + 'static) -> Self {
        let registered = backend.queue().register(&module("h"), MODULE_BYTES.into()).unwrap();
        Bench { backend: Box::new(backend), registered }
    }

    pub fn queue(&self) -> &dyn Queue {
        self.backend.queue()
    }

    pub fn inspect(&self) -> &dyn Browse {
        self.backend.inspect()
    }

    pub fn now(&self) -> UnixMillis {
        self.backend.clock().now()
    }

    pub fn advance(&self, by: Duration) {
        self.backend.clock().advance(by);
    }

    pub fn crash(&mut self) {
        self.backend.crash();
    }

    pub fn register(&self, module: &ModuleIdentity) -> Registered {
        self.queue().register(module, MODULE_BYTES.into()).unwrap()
    }

    /// From here on the store is used on behalf of this handler.
    pub fn switch_to(&mut self, handler: &str) {
        self.registered = self.register(&module(handler));
    }

    pub fn enqueue_all(&self, events: Vec<NewEvent>) -> Vec<EnqueueFate> {
        self.enqueue_to(&Route::One(self.registered.handler), events)
    }

    pub fn enqueue_to(&self, to: &Route, events: Vec<NewEvent>) -> Vec<EnqueueFate> {
        let address = |event| Addressed { event, to: to.clone() };
        self.queue().enqueue(events.into_iter().map(address).collect()).unwrap()
    }

    pub fn enqueue<const N: usize>(&self, ids: [&str; N]) -> Vec<EnqueueFate> {
        self.enqueue_all(ids.map(event).into())
    }

    pub fn claim_within(&self, room: Room, wait: Duration) -> Claim {
        self.queue().claim(self.registered.handler, room, wait).unwrap()
    }

    /// Everything that is due.
    pub fn claim(&self) -> Vec<Leased> {
        self.claim_within(ROOM, Duration::ZERO).leases
    }

    pub fn claim_one(&self) -> Leased {
        let room = Room { events_max: 1, ..ROOM };
        self.claim_within(room, Duration::ZERO).leases.pop().expect("an event is due")
    }

    /// Enqueues one event and claims it.
    pub fn leased(&self, id: &str) -> Leased {
        self.enqueue([id]);
        self.claim_one()
    }

    pub fn claim_suspect(&self) -> Option<Leased> {
        self.queue().claim_suspect(self.registered.handler).unwrap()
    }

    pub fn orphans(&self) -> Vec<Leased> {
        self.queue().orphans(self.registered.handler).unwrap()
    }

    pub fn settled(&self, leased: &Leased, settlement: Settlement, report: Report) -> Settled {
        Settled {
            lease: leased.id,
            counts: leased.counts,
            event_bytes: leased.json.len() as u64,
            module: self.registered.module,
            settlement,
            routes: vec![Route::One(leased.id.handler); emitted_of(&report).len()],
            report,
            finished_at: self.now(),
        }
    }

    pub fn settle(&self, leased: &Leased, settlement: Settlement, verdict: Verdict) -> SettleFate {
        self.settle_with(leased, settlement, report(verdict))
    }

    pub fn settle_with(&self, leased: &Leased, settlement: Settlement, report: Report) -> SettleFate {
        let fates = self.queue().settle(vec![self.settled(leased, settlement, report)]).unwrap();
        assert_eq!(fates.len(), 1);
        fates[0]
    }

    pub fn done(&self, leased: &Leased) -> SettleFate {
        self.settle(leased, Settlement::Done, ok())
    }

    pub fn dead(&self, leased: &Leased, reason: &str) -> SettleFate {
        self.settle(leased, Settlement::Dead, failed(reason))
    }

    /// Puts the event back, due at once.
    pub fn retry(&self, leased: &Leased, verdict: Verdict) -> SettleFate {
        self.settle(leased, Settlement::RetryAt(self.now()), verdict)
    }

    /// Enqueues events and ends each of them dead for this reason.
    pub fn bury<const N: usize>(&self, ids: [&str; N], reason: &str) {
        self.enqueue(ids);
        self.claim().iter().for_each(|leased| assert!(recorded(self.dead(leased, reason))));
    }

    /// Crashes while an attempt of a new event runs, and settles it as lost, due at once.
    pub fn lose(&mut self, id: &str) {
        self.leased(id);
        self.crash();
        let orphans = self.orphans();
        assert_eq!(ids_of(&orphans), [id]);
        assert!(recorded(self.retry(&orphans[0], Verdict::Lost)));
    }

    /// Enqueues events and loses their attempts with the owner until they are suspects.
    pub fn make_suspects<const N: usize>(&mut self, ids: [&str; N]) {
        self.enqueue(ids);
        for _ in 0..SUSPECT_LOSSES_MIN {
            assert_eq!(self.claim().len(), N);
            self.crash();
            let orphans = self.orphans();
            orphans.iter().for_each(|orphan| assert!(recorded(self.retry(orphan, Verdict::Lost))));
        }
    }

    pub fn retry_dead(&self, filter: &DeadFilter) -> u64 {
        self.queue().retry_dead(filter).unwrap()
    }

    pub fn drop_dead(&self, filter: &DeadFilter) -> u64 {
        self.queue().drop_dead(filter).unwrap()
    }

    pub fn forget(&self, bite: Bite) -> Bitten {
        self.queue().forget(bite).unwrap()
    }

    pub fn results(&self, filter: &ResultFilter) -> Vec<ResultRow> {
        let mut rows = Vec::new();
        let mut keep = |row| {
            rows.push(row);
            ControlFlow::Continue(())
        };
        self.inspect().results(filter, &mut keep).unwrap();
        rows
    }

    pub fn all_results(&self) -> Vec<ResultRow> {
        self.results(&ResultFilter::default())
    }

    /// The ids of the results that fit.
    pub fn result_ids(&self, filter: &ResultFilter) -> Vec<String> {
        self.results(filter).into_iter().map(|row| row.event_id).collect()
    }

    pub fn events(&self, id: &str) -> Vec<EventDetail> {
        self.inspect().events(id, None).unwrap()
    }

    pub fn event(&self, id: &str) -> EventDetail {
        let mut events = self.events(id);
        assert_eq!(events.len(), 1, "events with id {id}");
        events.remove(0)
    }

    pub fn stats(&self) -> Stats {
        self.inspect().stats().unwrap()
    }
}

pub fn recorded(fate: SettleFate) -> bool {
    matches!(fate, SettleFate::Recorded { .. })
}
