//! One owner's time with the database: groups of commands, each written in one transaction, and a
//! ledger of what was answered.
//!
//! The writer is held between two groups by an answer that nobody has taken yet: so all commands of a
//! group wait when it is let go, the group is the same in every run with the same seed, and no thread
//! races another.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Select, bounded};

use super::group::{Action, End, Group};
use super::ledger::Ledger;
use crate::clock::{Clock, UnixMillis};
use crate::event::Settlement;
use crate::store::conformance::bench::{ROOM, emitted_of, event_from, id_of, module, report};
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::command::{Command, awaited};
use crate::store::sqlite::connection::FileSettings;
use crate::store::{
    Addressed, Claim, DeadFilter, Enqueue, Lease, LeaseId, Leased, Registered, Room, Route, SettleFate,
    Settled, StoreError,
};

/// Nothing here waits for a real disk; what has no answer by then never gets one.
const HANG: Duration = Duration::from_secs(60);

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

pub struct Session {
    /// The answer that holds the writer. It goes before the store, which waits for the writer's end.
    hold: Answer<Claim>,
    store: SqliteStore,
    registered: Registered,
    /// Leases we were given, those that were settled since included.
    pub leases: Vec<Leased>,
}

/// How a group ended.
pub enum Answered {
    All,
    /// The store says of these that they were not done, and goes on.
    Refused(StoreError),
    /// The store does not go on, and what became of these only the file knows.
    Unknown(Group),
}

impl Session {
    /// Opens the database, with the leases of the owner before as orphans.
    pub fn open(path: &Path, settings: &FileSettings) -> Result<(Self, Vec<Leased>), StoreError> {
        let clock = Arc::new(Clock::Manual(AtomicI64::new(NOW.0)));
        let store = SqliteStore::open_with(path, clock, settings)?;
        let registered = store.register(&module("h"), Arc::from(*b"module"))?;
        let orphans = store.orphans(registered.handler)?;
        let hold = hold(&store, registered);
        await_holding(&hold);
        Ok((Session { store, registered, hold, leases: orphans.clone() }, orphans))
    }

    /// Has a group written, and notes in the ledger what was answered. `Err` is a broken promise.
    pub fn write(&mut self, group: &Group, ledger: &mut Ledger) -> Result<Answered, String> {
        let waiting: Vec<Waiting> = group.actions.iter().map(|action| self.send(action)).collect();
        self.let_go()?;
        let mut failures = Vec::new();
        let mut brought = Vec::new();
        for (action, waiting) in group.actions.iter().zip(waiting) {
            let answer = waiting.answer(action, ledger)?;
            match answer {
                Ok(leases) => {
                    ledger.act(action);
                    brought.extend(leases);
                }
                Err(error) => failures.push((error, action.clone())),
            }
        }
        // Claims come last in the transaction, wherever they stand in the group.
        brought.iter().try_for_each(|leased| ledger.lease(leased))?;
        self.leases.extend(brought);
        let Some((error, _)) = failures.first().cloned() else {
            return self.agrees_with(ledger).map(|()| Answered::All);
        };
        if !self.is_stopped()? {
            return self.agrees_with(ledger).map(|()| Answered::Refused(error));
        }
        let actions = failures.into_iter().map(|(_, action)| action).collect();
        Ok(Answered::Unknown(Group { actions }))
    }

    /// Whether what the store says of itself without a look at the file is what was answered.
    fn agrees_with(&self, ledger: &Ledger) -> Result<(), String> {
        let (told, unsettled) = (self.store.unsettled().all().events, ledger.unsettled());
        if told == unsettled {
            return Ok(());
        }
        Err(format!("{told} events are said to be unsettled, and {unsettled} are"))
    }

    /// Lets the writer take all that it was sent, up to another answer that holds it.
    fn let_go(&mut self) -> Result<(), String> {
        let next = hold(&self.store, self.registered);
        let held = std::mem::replace(&mut self.hold, next);
        // What a claim without room is told does not matter.
        take(&held).map(drop)
    }

    /// Whether the store says that it has stopped.
    fn is_stopped(&mut self) -> Result<bool, String> {
        let (reply, answer) = awaited();
        self.tell(Command::Release { leases: Vec::new(), reply });
        self.let_go()?;
        Ok(matches!(take(&answer)?, Err(StoreError::Stopped { .. })))
    }

    fn tell(&self, command: Command) {
        let commands = self.store.commands.as_ref().expect("the store is open");
        commands.send(command).expect("the writer lives as long as the store");
    }

    fn send(&self, action: &Action) -> Waiting {
        let handler = self.registered.handler;
        match action {
            Action::Enqueue(ids) => {
                let to = Route::One(handler);
                let event = |id: &String| Addressed { event: event_from(id, "/source", "t"), to: to.clone() };
                let events = ids.iter().map(event).collect();
                let (reply, answer) = awaited();
                self.tell(Command::Enqueue { events, reply });
                Waiting::Enqueued(answer)
            }
            Action::Claim { events_max } => {
                let room = Room { events_max: *events_max, ..ROOM };
                let (reply, answer) = awaited();
                self.tell(Command::Claim { handler, room, until: Instant::now(), reply });
                Waiting::Claimed(answer)
            }
            Action::Settle(ends) => {
                let batch = ends.iter().map(|(leased, end)| self.settled(leased, *end)).collect();
                let (reply, answer) = awaited();
                self.tell(Command::Settle { batch, reply });
                Waiting::Settled(answer)
            }
            Action::Release(leases) => {
                let leases: Vec<LeaseId> = leases.iter().map(|leased| leased.id).collect();
                let (reply, answer) = awaited();
                self.tell(Command::Release { leases, reply });
                Waiting::Released(answer)
            }
            Action::RetryDead => {
                let (reply, answer) = awaited();
                self.tell(Command::RetryDead { filter: DeadFilter::default(), reply });
                Waiting::Retried(answer)
            }
        }
    }

    fn settled(&self, leased: &Leased, end: End) -> Settled {
        let settlement = match end {
            End::Done | End::Emits(_) => Settlement::Done,
            End::Dead => Settlement::Dead,
            End::Retry | End::Lost => Settlement::RetryAt(NOW),
        };
        let report = report(end.verdict(leased));
        Settled {
            lease: leased.id,
            counts: leased.counts,
            event_bytes: leased.json.len() as u64,
            module: self.registered.module,
            settlement,
            routes: vec![Route::One(leased.id.handler); emitted_of(&report).len()],
            report,
            finished_at: NOW,
        }
    }
}

/// A claim without room: answered last of its group, and its answer is not buffered.
fn hold(store: &SqliteStore, registered: Registered) -> Answer<Claim> {
    let (held, answer) = bounded(0);
    let reply = Box::new(move |told| drop(held.send(told)));
    let room = Room { events_max: 0, bytes_max: 0 };
    let claim = Command::Claim { handler: registered.handler, room, until: Instant::now(), reply };
    let commands = store.commands.as_ref().expect("the store is open");
    commands.send(claim).expect("the writer lives as long as the store");
    answer
}

/// Waits until the writer holds the answer out. One that is still on its way to the hold would take the first
/// commands of the next group along, and leave the rest to a transaction of their own.
fn await_holding(hold: &Answer<Claim>) {
    let mut holding = Select::new();
    holding.recv(hold);
    holding.ready_timeout(HANG).expect("the writer answers a claim without room");
}

type Answer<T> = Receiver<Result<T, StoreError>>;

/// An answer to come.
enum Waiting {
    Enqueued(Answer<Vec<crate::store::EnqueueFate>>),
    Claimed(Answer<Claim>),
    Settled(Answer<Vec<SettleFate>>),
    Released(Answer<()>),
    Retried(Answer<u64>),
}

impl Waiting {
    /// The leases that the answer brought. The outer `Err` is a broken promise.
    fn answer(self, action: &Action, ledger: &Ledger) -> Result<Result<Vec<Leased>, StoreError>, String> {
        match self {
            Waiting::Enqueued(answer) => Ok(take(&answer)?.map(|_| Vec::new())),
            Waiting::Claimed(answer) => Ok(take(&answer)?.map(|claim| claim.leases)),
            Waiting::Released(answer) => Ok(take(&answer)?.map(|()| Vec::new())),
            Waiting::Retried(answer) => Ok(take(&answer)?.map(|_| Vec::new())),
            Waiting::Settled(answer) => {
                let fates = take(&answer)?;
                if let Ok(fates) = &fates {
                    check_fates(fates, action, ledger)?;
                }
                Ok(fates.map(|_| Vec::new()))
            }
        }
    }
}

fn take<T>(answer: &Answer<T>) -> Result<Result<T, StoreError>, String> {
    answer.recv_timeout(HANG).map_err(|e| format!("a command has no answer: {e}"))
}

/// A settlement is recorded exactly when its lease was held.
fn check_fates(fates: &[SettleFate], action: &Action, ledger: &Ledger) -> Result<(), String> {
    let Action::Settle(ends) = action else { return Ok(()) };
    let mut now = ledger.clone();
    for (fate, (leased, end)) in fates.iter().zip(ends) {
        let held = now.holds(&id_of(leased), leased.id);
        if held != matches!(fate, SettleFate::Recorded { .. }) {
            return Err(format!("{fate:?} was said of {:?} which was held: {held}", leased.id));
        }
        now.act(&Action::Settle(vec![(leased.clone(), *end)]));
    }
    Ok(())
}
