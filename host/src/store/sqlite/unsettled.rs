//! What is queued and not settled, kept in step with the table `pending` as transactions commit.
//!
//! The file is counted once, when it is opened. From then on each row that is written or taken away is
//! noted by whoever does it, and counts once its transaction is durable.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Result};

use super::row;
use crate::store::{HandlerId, Pile, Unsettled};

/// One pass over the small rows; no event is looked at.
const COUNT: &str = "SELECT handler_id, count(*), sum(bytes) FROM pending GROUP BY handler_id";

/// As of the last commit, for whoever asks.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<Unsettled>>);

impl Told {
    pub fn count(connection: &Connection) -> Result<Self> {
        let mut count = connection.prepare(COUNT)?;
        let piles = count.query_map([], |row| {
            let pile = Pile { events: row::count(row, 1)?, bytes: row::count(row, 2)? };
            Ok((HandlerId(row.get(0)?), pile))
        })?;
        Ok(Told(Arc::new(Mutex::new(piles.collect::<Result<_>>()?))))
    }

    pub fn now(&self) -> Unsettled {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Unsettled> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the current transaction changes.
#[derive(Default)]
pub struct Changes(Vec<Change>);

struct Change {
    handler: HandlerId,
    event_bytes: u64,
    turn: Turn,
}

enum Turn {
    Queued,
    Settled,
}

/// A place in the changes of a transaction, to go back to.
#[derive(Clone, Copy)]
pub struct Mark(usize);

impl Changes {
    pub fn queued(&mut self, handler: HandlerId, event_bytes: u64) {
        self.0.push(Change { handler, event_bytes, turn: Turn::Queued });
    }

    pub fn settled(&mut self, handler: HandlerId, event_bytes: u64) {
        self.0.push(Change { handler, event_bytes, turn: Turn::Settled });
    }

    pub fn mark(&self) -> Mark {
        Mark(self.0.len())
    }

    /// What was noted since is undone.
    pub fn back_to(&mut self, mark: Mark) {
        self.0.truncate(mark.0);
    }

    /// The transaction is durable.
    pub fn tell(&mut self, told: &Told) {
        let mut unsettled = told.lock();
        for Change { handler, event_bytes, turn } in self.0.drain(..) {
            match turn {
                Turn::Queued => unsettled.add(handler, event_bytes),
                Turn::Settled => unsettled.take_off(handler, event_bytes),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::Clock;
    use crate::store::conformance::bench::{event, module};
    use crate::store::sqlite::SqliteStore;
    use crate::store::{Addressed, Enqueue, Lease, Route};

    /// A route with a handler in it twice is a fault of whoever made it, and fails halfway.
    #[test]
    fn what_a_command_wrote_before_it_failed_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("evq.db"), Arc::new(Clock::System)).unwrap();
        let handler = store.register(&module("h"), Arc::from(*b"module")).unwrap().handler;
        let addressed = |id, to: &[HandlerId]| Addressed { event: event(id), to: Route::to(to) };
        let failed = store.enqueue(vec![addressed("a", &[handler]), addressed("b", &[handler, handler])]);
        assert!(failed.is_err(), "{failed:?}");
        assert_eq!(store.unsettled(), Unsettled::default());
        store.enqueue(vec![addressed("a", &[handler])]).unwrap();
        assert_eq!(store.unsettled().at(handler).events, 1);
    }
}
