//! Two stores that are given the same: the oracle, and the subject that must answer as it does.

use std::fmt::Debug;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::super::backends::Backend;
use super::super::bench::{MODULE_BYTES, ROOM, event, module};
use super::invariants::{self as check, Broken, Kept, promise};
use super::ledger::{Identity, Ledger};
use super::operation::{Choice, Operation};
use crate::clock::UnixMillis;
use crate::event::NewEvent;
use crate::store::{
    Addressed, Claim, DeadFilter, EnqueueFate, HandlerId, LeaseId, Leased, Registered, Rejected, Room, Route,
    StoreError,
};

pub const HANDLERS: [&str; 2] = ["h", "other"];

/// A claim that waits for as long as this was forgotten.
const LONG: Duration = Duration::from_secs(20);

pub struct World {
    pub oracle: Box<dyn Backend>,
    pub subject: Box<dyn Backend>,
    pub registered: Vec<Registered>,
    pub ledger: Ledger,
    /// Each lease that was given, stale ones too, but for those that died with their owner.
    pub leases: Vec<Leased>,
    /// Looked at in the stores when it is next compared.
    pub touched: Vec<Identity>,
}

impl World {
    pub fn new(oracle: Box<dyn Backend>, subject: Box<dyn Backend>) -> Result<Self, Broken> {
        let (ledger, leases, touched) = (Ledger::default(), Vec::new(), Vec::new());
        let mut world = World { oracle, subject, registered: Vec::new(), ledger, leases, touched };
        for handler in HANDLERS {
            let registered =
                world.both(|backend| backend.queue().register(&module(handler), MODULE_BYTES.into()))?;
            world.registered.push(registered);
        }
        Ok(world)
    }

    pub fn perform(&mut self, operation: &Operation) -> Kept {
        match operation {
            Operation::Enqueue { to, events } => {
                let to: Vec<HandlerId> = to.iter().map(|handler| self.handler(*handler)).collect();
                self.enqueue(&Route::to(&to), &named(events))
            }
            Operation::EnqueueForAWaitingClaim { handler, events, events_max } => {
                self.enqueue_for_a_waiting_claim(*handler, &named(events), *events_max)
            }
            Operation::Reject { lines } => self.reject(*lines),
            Operation::Claim { handler, events_max } => self.claim(*handler, *events_max),
            Operation::ClaimSuspect { handler } => self.claim_suspect(*handler),
            Operation::TakeOrphans { handler } => self.take_orphans(*handler),
            Operation::Settle(ends) => self.settle(ends),
            Operation::Release { leases } => self.release(
                leases.iter().filter_map(|back| self.lease(*back)).map(|leased| leased.id).collect(),
            ),
            Operation::WakeAWaitingClaim { handler } => self.wake(*handler),
            Operation::MoveClock { by_ms } => {
                self.oracle.move_clock(*by_ms);
                self.subject.move_clock(*by_ms);
                Ok(())
            }
            Operation::Crash => {
                self.end_owner(|backend| backend.crash());
                Ok(())
            }
            Operation::ShutDown => self.shut_down(),
            Operation::Forget { events_max } => self.forget(*events_max),
            Operation::RetryDead(choice) => self.retry_dead(*choice),
            Operation::DropDead(choice) => self.drop_dead(*choice),
            Operation::Cancel { event, handler } => self.cancel(*event, *handler),
            Operation::SetActivity { handler, activity } => {
                let handler = self.handler(*handler);
                self.both(|backend| backend.queue().set_activity(handler, *activity))
            }
        }
    }

    pub fn now(&self) -> UnixMillis {
        self.oracle.clock().now()
    }

    pub fn handler(&self, handler: usize) -> HandlerId {
        self.registered[handler % HANDLERS.len()].handler
    }

    /// The lease so many back from the newest.
    pub fn lease(&self, back: usize) -> Option<Leased> {
        let back = back.checked_rem(self.leases.len())?;
        Some(self.leases[self.leases.len() - 1 - back].clone())
    }

    /// Does the same to both stores; they must answer the same.
    pub fn both<T: PartialEq + Debug>(
        &self,
        act: impl Fn(&dyn Backend) -> Result<T, StoreError>,
    ) -> Result<T, Broken> {
        let expected = answered(act(&*self.oracle))?;
        self.as_the_oracle(expected, answered(act(&*self.subject))?)
    }

    fn as_the_oracle<T: PartialEq + Debug>(&self, expected: T, found: T) -> Result<T, Broken> {
        let seen = || format!("{found:?}, but the oracle: {expected:?}");
        promise("the store answers as the oracle does", found == expected, seen)?;
        Ok(found)
    }

    fn enqueue(&mut self, to: &Route, events: &[NewEvent]) -> Kept {
        let fates = self.both(|backend| backend.queue().enqueue(addressed(to, events)))?;
        self.note_enqueued(to, events, &fates)
    }

    fn note_enqueued(&mut self, to: &Route, events: &[NewEvent], fates: &[EnqueueFate]) -> Kept {
        promise("every event has its fate", events.len() == fates.len(), || format!("{fates:?}"))?;
        events.iter().zip(fates).try_for_each(|(event, fate)| self.note_one(to, event, *fate))
    }

    pub fn note_one(&mut self, to: &Route, event: &NewEvent, fate: EnqueueFate) -> Kept {
        let identity = identity(event);
        let new_to = self.ledger.new_to(&identity, to.handlers());
        check::is_new_once(&self.ledger, &identity, &new_to, fate)?;
        check::numbers_are_given_once(&self.ledger, &identity, fate)?;
        self.touched.push(identity.clone());
        if !matches!(fate, EnqueueFate::Duplicate(_)) {
            self.ledger.accept(identity, fate.event(), &new_to, self.now());
        }
        Ok(())
    }

    /// SQLite may lease events as it writes them when a claim waits. The oracle does one after the
    /// other, which is to be the same; but the order of events that were known has no rule here.
    fn enqueue_for_a_waiting_claim(
        &mut self,
        handler: usize,
        events: &[NewEvent],
        events_max: usize,
    ) -> Kept {
        self.claim(handler, ROOM.events_max)?;
        let id = self.handler(handler);
        let to = Route::One(id);
        if events.iter().any(|event| self.ledger.numbers.contains_key(&identity(event))) {
            return self.enqueue(&to, events);
        }
        let room = Room { events_max, ..ROOM };
        let expected = answered(self.oracle.queue().enqueue(addressed(&to, events)))?;
        let expected_claim = answered(self.oracle.queue().claim(id, room, Duration::ZERO))?;
        let begin = Instant::now();
        let (fates, claim) = self.subject_serves_a_waiting_claim(id, events, room);
        self.ended_in_time(begin)?;
        let fates = self.as_the_oracle(expected, answered(fates)?)?;
        let claim = self.as_the_oracle(expected_claim, answered(claim)?)?;
        self.note_enqueued(&to, events, &fates)?;
        self.note_claimed(claim.leases)
    }

    fn subject_serves_a_waiting_claim(
        &self,
        handler: HandlerId,
        events: &[NewEvent],
        room: Room,
    ) -> (Result<Vec<EnqueueFate>, StoreError>, Result<Claim, StoreError>) {
        let (queue, (begin, begun)) = (self.subject.queue(), mpsc::channel());
        thread::scope(|scope| {
            let claim = scope.spawn(move || {
                let _ = begin.send(());
                queue.claim(handler, room, LONG)
            });
            // After two more calls the claim is most likely there; the answers are the same if not.
            let _ = begun.recv();
            let _ = (queue.release(Vec::new()), queue.release(Vec::new()));
            (
                queue.enqueue(addressed(&Route::One(handler), events)),
                claim.join().expect("a claim does not panic"),
            )
        })
    }

    /// A claim that waited to its end was woken by nothing.
    fn ended_in_time(&self, begin: Instant) -> Kept {
        let took = begin.elapsed();
        promise("a waiting claim is woken", took < LONG, || format!("it waited {took:?}"))
    }

    fn reject(&mut self, lines: usize) -> Kept {
        let line = Rejected { file: "-".into(), line: 1, reason: "no".into(), bytes: b"{".to_vec() };
        self.both(|backend| backend.queue().reject(vec![line.clone(); lines]))?;
        self.ledger.rejected += lines as u64;
        Ok(())
    }

    fn claim(&mut self, handler: usize, events_max: usize) -> Kept {
        let (handler, room) = (self.handler(handler), Room { events_max, ..ROOM });
        let claim = self.both(|backend| backend.queue().claim(handler, room, Duration::ZERO))?;
        promise("a claim keeps to its room", claim.leases.len() <= events_max, || format!("{claim:?}"))?;
        self.note_claimed(claim.leases)
    }

    fn claim_suspect(&mut self, handler: usize) -> Kept {
        let handler = self.handler(handler);
        let suspect = self.both(|backend| backend.queue().claim_suspect(handler))?;
        self.note_claimed(suspect.into_iter().collect())
    }

    /// It must end at once: nothing else ends it.
    fn wake(&mut self, handler: usize) -> Kept {
        let handler = self.handler(handler);
        let begin = Instant::now();
        let claim = self.both(|backend| {
            backend.queue().wake(handler);
            backend.queue().claim(handler, ROOM, LONG)
        })?;
        self.ended_in_time(begin)?;
        self.note_claimed(claim.leases)
    }

    fn note_claimed(&mut self, leases: Vec<Leased>) -> Kept {
        for leased in leases {
            check::only_what_waits_is_claimed(self.ledger.delivery(leased.id), &leased)?;
            let delivery = self.ledger.delivery(leased.id).expect("it was just checked");
            check::a_lease_is_held_by_one(delivery, &leased)?;
            check::nothing_is_claimed_early(delivery, self.now())?;
            check::a_claim_counts_one_attempt(delivery, &leased)?;
            check::attempts_only_grow(delivery, &leased)?;
            check::ends_are_counted(delivery, &leased)?;
            self.ledger.claim(leased.id);
            self.leases.push(leased);
        }
        Ok(())
    }

    fn take_orphans(&mut self, handler: usize) -> Kept {
        let handler = self.handler(handler);
        for leased in self.both(|backend| backend.queue().orphans(handler))? {
            check::an_orphan_is_given_once(self.ledger.delivery(leased.id), &leased)?;
            self.ledger.take_orphan(leased.id);
            self.leases.push(leased);
        }
        Ok(())
    }

    fn release(&mut self, leases: Vec<LeaseId>) -> Kept {
        self.both(|backend| backend.queue().release(leases.clone()))?;
        let now = self.now();
        leases.iter().for_each(|lease| self.ledger.release(*lease, now));
        // The number is given again, so nobody may settle by it.
        self.leases.retain(|leased| !leases.contains(&leased.id));
        Ok(())
    }

    fn end_owner(&mut self, end: impl Fn(&mut dyn Backend)) {
        end(&mut *self.oracle);
        end(&mut *self.subject);
        self.leases.retain(|leased| !self.ledger.holds(leased.id));
        self.ledger.crash();
    }

    /// As the queue stops: what it claimed and did not begin is given back first.
    fn shut_down(&mut self) -> Kept {
        let held = self.leases.iter().map(|leased| leased.id).filter(|lease| self.ledger.holds(*lease));
        self.release(held.collect())?;
        self.end_owner(|backend| backend.reopen());
        Ok(())
    }

    fn retry_dead(&mut self, choice: Choice) -> Kept {
        let filter = filter(choice);
        let retried = self.both(|backend| backend.queue().retry_dead(&filter))?;
        let (chosen, now) = (self.chosen(choice), self.now());
        chosen.iter().for_each(|key| self.ledger.retry_dead(*key, now));
        promise("the dead that fit are retried", retried == chosen.len() as u64, || format!("{retried}"))
    }

    fn drop_dead(&mut self, choice: Choice) -> Kept {
        let filter = filter(choice);
        let dropped = self.both(|backend| backend.queue().drop_dead(&filter))?;
        let chosen = self.chosen(choice);
        chosen.iter().for_each(|key| self.ledger.drop_dead(*key));
        promise("the dead that fit are dropped", dropped == chosen.len() as u64, || format!("{dropped}"))
    }

    fn cancel(&mut self, event: u32, handler: Option<usize>) -> Kept {
        let identity = ("/source".to_owned(), name(event));
        let at = handler.map(|handler| HANDLERS[handler % HANDLERS.len()]);
        let cancelled = self.both(|backend| backend.queue().cancel(&identity.0, &identity.1, at))?;
        let waiting = self.ledger.waiting(&identity, handler.map(|handler| self.handler(handler)));
        waiting.iter().for_each(|key| self.ledger.cancel(*key));
        promise("what waits is cancelled", cancelled.handlers.len() == waiting.len(), || {
            format!("{cancelled:?}, but {waiting:?} wait")
        })
    }

    fn chosen(&self, choice: Choice) -> Vec<super::ledger::Key> {
        let handler = choice.handler.map(|handler| self.handler(handler));
        let id = choice.event.map(name);
        self.ledger.dead(|(_, known), at| {
            id.as_ref().is_none_or(|id| id == known) && handler.is_none_or(|handler| handler == at)
        })
    }
}

/// A store of this simulation has no reason to fail.
pub fn answered<T>(answer: Result<T, StoreError>) -> Result<T, Broken> {
    answer.map_err(|error| Broken { promise: "the store does not fail", seen: error.to_string() })
}

fn addressed(to: &Route, events: &[NewEvent]) -> Vec<Addressed> {
    events.iter().map(|event| Addressed { event: event.clone(), to: to.clone() }).collect()
}

pub fn identity(event: &NewEvent) -> Identity {
    (event.source().to_owned(), event.id().to_owned())
}

fn name(event: u32) -> String {
    format!("event {event}")
}

fn named(events: &[u32]) -> Vec<NewEvent> {
    events.iter().map(|number| event(&name(*number))).collect()
}

fn filter(choice: Choice) -> DeadFilter {
    DeadFilter {
        event_id: choice.event.map(name),
        handler: choice.handler.map(|handler| HANDLERS[handler % HANDLERS.len()].to_owned()),
        ..DeadFilter::default()
    }
}
