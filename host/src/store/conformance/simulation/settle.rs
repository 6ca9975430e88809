//! How attempts end in a walk: the verdict, what it means, and what must follow.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::bench::{emitted_of, report};
use super::invariants::{self as check, Kept, promise};
use super::operation::{Answer, Decision, End};
use super::world::{HANDLERS, World, identity};
use crate::event::{
    LimitExceeded, LimitName, NewEvent, Output, Parent, RetryPolicy, Settlement, TraceAttributes, Verdict,
    attributes_of, decide, emitted_event,
};
use crate::store::{EnqueueFate, EventSeq, HandlerId, Leased, Route, SettleFate, Settled};

/// Handlers that emit for ever end here.
const HOPS_MAX: u32 = 3;

/// The shipped policy, but that what was put off is dead sooner: a walk is short.
fn policy() -> RetryPolicy {
    RetryPolicy { deferrals_max: 2, ..RetryPolicy::default() }
}

impl World {
    pub fn settle(&mut self, ends: &[End]) -> Kept {
        let ended = ends.iter().filter_map(|end| self.lease(end.lease).map(|leased| (leased, end)));
        let batch: Vec<Settled> = ended.map(|(leased, end)| self.settled(&leased, end)).collect();
        let fates = self.both(|backend| backend.queue().settle(batch.clone()))?;
        promise("every settlement has its fate", batch.len() == fates.len(), || format!("{fates:?}"))?;
        batch.iter().zip(fates).try_for_each(|(settled, fate)| self.note_settled(settled, fate))
    }

    fn settled(&self, leased: &Leased, end: &End) -> Settled {
        let verdict = self.verdict(leased, end.answer);
        let report = report(verdict.clone());
        let now = self.now();
        let settlement = match end.decision {
            // What ended well is done, whatever chance says.
            _ if matches!(verdict, Verdict::Ok { .. }) => Settlement::Done,
            Decision::ByPolicy => decide(leased.counts, &verdict, &policy(), now, leased.id.event.0 as u64),
            Decision::RetryIn { ms } => Settlement::RetryAt(crate::clock::UnixMillis(now.0 + ms)),
            Decision::Dead => Settlement::Dead,
        };
        Settled {
            lease: leased.id,
            counts: leased.counts,
            event_bytes: leased.json.len() as u64,
            module: self.registered[self.place(leased)].module,
            settlement,
            routes: (0..emitted_of(&report).len()).map(|index| self.route(leased, index)).collect(),
            report,
            finished_at: now,
        }
    }

    /// Emitted events go here and there, to several handlers, and to nobody.
    fn route(&self, leased: &Leased, index: usize) -> Route {
        let (this, other) = (self.place(leased), self.place(leased) + 1);
        let all: Vec<HandlerId> = self.registered.iter().map(|registered| registered.handler).collect();
        match (leased.id.event.0 as usize + index) % 6 {
            0 => Route::to_nobody(),
            1 => Route::to(&all),
            2 => Route::to(&[self.handler(other)]),
            _ => Route::to(&[self.handler(this)]),
        }
    }

    fn place(&self, leased: &Leased) -> usize {
        let is_its = |registered: &crate::store::Registered| registered.handler == leased.id.handler;
        self.registered.iter().position(is_its).expect("leases are of known handlers")
    }

    fn verdict(&self, leased: &Leased, answer: Answer) -> Verdict {
        let limit = |name| Verdict::LimitExceeded(LimitExceeded { name, used: 2, max: 1 });
        let message = format!("attempt {}", leased.id.attempt);
        match answer {
            Answer::Ok { emits } if emits > 0 && leased.hops >= HOPS_MAX => limit(LimitName::Hops),
            Answer::Ok { emits } => {
                let output = Output::Json(format!("[{emits}]").into());
                Verdict::Ok { output, emitted: self.children(leased, emits) }
            }
            Answer::Failed => Verdict::Failed { message },
            Answer::RetryAfter => Verdict::RetryAfter { delay: Duration::from_secs(1), message },
            Answer::Permanent => Verdict::Permanent { message: String::new() },
            Answer::Trapped => Verdict::Trapped { message, backtrace: "main".into() },
            Answer::TimedOut => limit(LimitName::WallClock),
            Answer::Lost => Verdict::Lost,
        }
    }

    /// Named by the host, as the sandbox has it done.
    fn children(&self, leased: &Leased, emits: u32) -> Vec<NewEvent> {
        let parent = attributes_of(&leased.json);
        let handler = HANDLERS[self.place(leased)];
        let (source, id, hops) = (&*parent.source, &*parent.id, leased.hops);
        let parent = Parent { source, id, handler, hops, trace: &TraceAttributes::NONE };
        let child = |index| emitted_event(br#"{"type":"child"}"#, parent, index, 1000);
        (0..emits).map(|index| child(index).expect("it is a valid event")).collect()
    }

    fn note_settled(&mut self, settled: &Settled, fate: SettleFate) -> Kept {
        let Settled { lease, settlement, report, .. } = settled;
        check::only_a_held_lease_is_settled(&self.ledger, *lease, fate)?;
        let emitted = match (settlement, &report.verdict) {
            (Settlement::Done, Verdict::Ok { emitted, .. }) => emitted.as_slice(),
            _ => &[],
        };
        let addressed: Vec<_> = emitted.iter().zip(&settled.routes).collect();
        let new =
            addressed.iter().map(|(event, to)| self.ledger.new_to(&identity(event), to.handlers()).len());
        let new: usize = new.sum();
        check::emitted_with_the_settlement(u32::try_from(new).expect("few are emitted"), fate)?;
        if fate == SettleFate::LeaseLost {
            self.ledger.unrecorded.extend(emitted.iter().map(identity));
            return Ok(());
        }
        self.touched.extend(self.identity_of(lease.event));
        self.ledger.settle(*lease, *settlement, &report.verdict);
        addressed.into_iter().try_for_each(|(child, to)| self.note_emitted(child, to))
    }

    /// The store does not tell the numbers of emitted events, so they are looked up.
    fn note_emitted(&mut self, child: &NewEvent, to: &Route) -> Kept {
        let identity = identity(child);
        let new_to = self.ledger.new_to(&identity, to.handlers());
        if new_to.is_empty() && self.ledger.numbers.contains_key(&identity) {
            return Ok(());
        }
        let found = self.both(|backend| backend.inspect().events(child.id(), Some(child.source())))?;
        promise("an emitted event is there with its parent's end", found.len() == 1, || {
            format!("{child:?}")
        })?;
        let event = found[0].seq;
        let fate = match u32::try_from(new_to.len()).expect("handlers are few") {
            0 => EnqueueFate::Unmatched(event),
            deliveries => EnqueueFate::Enqueued { event, deliveries },
        };
        self.note_one(to, child, fate)
    }

    fn identity_of(&self, event: EventSeq) -> Option<(String, String)> {
        let known = self.leases.iter().find(|leased| leased.id.event == event)?;
        let attributes = attributes_of(&known.json);
        Some((attributes.source.into(), attributes.id.into()))
    }

    /// What settlements that were not recorded would have emitted, and no other one did.
    pub fn emitted_in_vain(&self) -> BTreeSet<(String, String)> {
        let is_known = |identity: &&(String, String)| self.ledger.numbers.contains_key(*identity);
        self.ledger.unrecorded.iter().filter(|identity| !is_known(identity)).cloned().collect()
    }
}
