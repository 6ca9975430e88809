//! What the store has said, event by event, and whether a database bears it out.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::group::{Action, End, Group};
use crate::store::conformance::bench::{child, id_of};
use crate::store::{LeaseId, Leased};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Waiting,
    Leased,
    Done,
    Dead,
}

/// An event's whole story, as far as it is ours to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub state: State,
    pub attempts: u32,
    /// Attempts in the history. One that ended well in silence is not.
    pub recorded: u32,
    pub output: Option<String>,
    pub parent: Option<String>,
}

impl Row {
    fn new(parent: Option<&str>) -> Self {
        Row {
            state: State::Waiting,
            attempts: 0,
            recorded: 0,
            output: None,
            parent: parent.map(str::to_owned),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger(BTreeMap<String, Row>);

impl Ledger {
    /// Reads a database as anybody would, with the VFS that is shipped.
    pub fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut rows = connection.prepare(
            "SELECT e.id, p.leased, ifnull(p.attempts, o.attempts), o.dead, o.output, parent.id,
                    (SELECT count(*) FROM attempt a WHERE a.event_seq = e.seq)
             FROM event e
             LEFT JOIN event parent ON parent.seq = e.parent_seq
             LEFT JOIN pending p ON p.event_seq = e.seq
             LEFT JOIN outcome o ON o.event_seq = e.seq
             WHERE (p.event_seq IS NULL) <> (o.event_seq IS NULL)",
        )?;
        let rows = rows.query_map([], |row| {
            let state = match (row.get(1)?, row.get(3)?) {
                (Some(false), _) => State::Waiting,
                (Some(true), _) => State::Leased,
                (None, Some(true)) => State::Dead,
                (None, _) => State::Done,
            };
            let (attempts, recorded) = (row.get(2)?, row.get(6)?);
            Ok((row.get(0)?, Row { state, attempts, recorded, output: row.get(4)?, parent: row.get(5)? }))
        })?;
        rows.collect::<rusqlite::Result<_>>().map(Ledger)
    }

    /// Ids of the events that are leased, in the order of their names.
    pub fn leased(&self) -> Vec<String> {
        let leased = self.0.iter().filter(|(_, row)| row.state == State::Leased);
        leased.map(|(id, _)| id.clone()).collect()
    }

    /// How many events are neither done nor dead.
    pub fn unsettled(&self) -> u64 {
        let is_unsettled = |row: &&Row| matches!(row.state, State::Waiting | State::Leased);
        self.0.values().filter(is_unsettled).count() as u64
    }

    fn enqueue(&mut self, id: &str, parent: Option<&str>) {
        self.0.entry(id.to_owned()).or_insert_with(|| Row::new(parent));
    }

    /// Whether this lease may be settled or given back.
    pub fn holds(&self, id: &str, lease: LeaseId) -> bool {
        self.0.get(id).is_some_and(|row| row.state == State::Leased && row.attempts == lease.attempt)
    }

    /// Notes a lease that was given; its attempt must be the next one.
    pub fn lease(&mut self, leased: &Leased) -> Result<(), String> {
        let id = id_of(leased);
        match self.0.get_mut(&id) {
            Some(row) if row.state == State::Waiting && row.attempts + 1 == leased.id.attempt => {
                (row.state, row.attempts) = (State::Leased, row.attempts + 1);
                Ok(())
            }
            row => Err(format!("attempt {} of {id} was given, but it was {row:?}", leased.id.attempt)),
        }
    }

    pub fn act(&mut self, action: &Action) {
        match action {
            Action::Enqueue(ids) => ids.iter().for_each(|id| self.enqueue(id, None)),
            Action::Settle(settled) => settled.iter().for_each(|(leased, end)| self.settle(leased, *end)),
            Action::Release(leases) => leases.iter().for_each(|leased| self.release(leased)),
            Action::RetryDead => {
                let dead = self.0.values_mut().filter(|row| row.state == State::Dead);
                dead.for_each(|row| row.state = State::Waiting);
            }
            Action::Claim { .. } => {}
        }
    }

    fn settle(&mut self, leased: &Leased, end: End) {
        let id = id_of(leased);
        if !self.holds(&id, leased.id) {
            return;
        }
        let row = self.0.get_mut(&id).expect("it is held");
        (row.state, row.recorded) = match end {
            End::Done | End::Emits(_) => (State::Done, row.recorded),
            End::Dead => (State::Dead, row.recorded + 1),
            End::Retry | End::Lost => (State::Waiting, row.recorded + 1),
        };
        row.output = end.output(leased);
        if let End::Emits(count) = end {
            (0..count).for_each(|index| self.enqueue(child(&id, index).id(), Some(&id)));
        }
    }

    fn release(&mut self, leased: &Leased) {
        let id = id_of(leased);
        if self.holds(&id, leased.id) {
            let row = self.0.get_mut(&id).expect("it is held");
            (row.state, row.attempts) = (State::Waiting, row.attempts - 1);
        }
    }

    /// Whether `found` is this ledger, or this ledger with the whole of a group that was not answered.
    pub fn explains(&self, found: &Ledger, unanswered: Option<&Group>) -> Result<(), String> {
        if self == found {
            return Ok(());
        }
        let Some(group) = unanswered else {
            return Err(self.difference(found));
        };
        let mut after = self.clone();
        group.actions.iter().for_each(|action| after.act(action));
        let mut unclaimed = found.clone();
        let room = group.room();
        let claimed = unclaimed.take_back_claims(&after);
        if after != unclaimed || claimed > room {
            let (from, to) = (self.difference(found), after.difference(&unclaimed));
            return Err(format!("a group is there in part; missing it: {from}; with it: {to}; {group:?}"));
        }
        Ok(())
    }

    /// Undoes leases that a claim without an answer may have brought; returns how many.
    fn take_back_claims(&mut self, after: &Ledger) -> usize {
        let mut claimed = 0;
        for (id, row) in &mut self.0 {
            let waits = after.0.get(id).is_some_and(|expected| {
                expected.state == State::Waiting && expected.attempts + 1 == row.attempts
            });
            if row.state == State::Leased && waits {
                (row.state, row.attempts) = (State::Waiting, row.attempts - 1);
                claimed += 1;
            }
        }
        claimed
    }

    fn difference(&self, found: &Ledger) -> String {
        let ids = self.0.keys().chain(found.0.keys());
        let differs = ids.filter(|id| self.0.get(*id) != found.0.get(*id)).take(3);
        let told = differs.map(|id| format!("{id}: said {:?}, found {:?}", self.0.get(id), found.0.get(id)));
        told.collect::<Vec<_>>().join("; ")
    }
}
