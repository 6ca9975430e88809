//! Room on the disk that new events may not take, so that what was accepted can still be settled. It comes
//! back by itself when somebody makes room: each transaction looks anew.

use std::path::Path;

use crate::store::{FreeSpace, StoreError};

/// What an event or a rejected line takes beside its bytes: rows, places in indexes, pages in part empty.
const ROW_BYTES: u64 = 512;

/// Everything is written to the log first and from there to the database.
const WRITTEN_TIMES: u64 = 2;

pub struct KeptRoom {
    disk: FreeSpace,
    kept_bytes: u64,
    /// What the current transaction found free, less what it has given away of it.
    free_bytes: Option<u64>,
}

impl KeptRoom {
    pub fn new(database: &Path, kept_bytes: u64) -> Self {
        KeptRoom { disk: FreeSpace::beside(database), kept_bytes, free_bytes: None }
    }

    /// To be called as a transaction begins.
    pub fn look_again(&mut self) {
        self.free_bytes = None;
    }

    /// Gives room to what comes from outside, if there is some beside what is kept.
    pub fn give(&mut self, path: &Path, rows: usize, bytes: u64) -> Result<(), StoreError> {
        let free = *self.free_bytes.get_or_insert_with(|| self.disk.bytes());
        let wanted = WRITTEN_TIMES * (bytes + ROW_BYTES * rows as u64);
        match free.checked_sub(wanted) {
            Some(left) if left >= self.kept_bytes => {
                self.free_bytes = Some(left);
                Ok(())
            }
            _ => Err(StoreError::NoRoomForEvents {
                path: path.to_owned(),
                free_bytes: free,
                kept_bytes: self.kept_bytes,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicI64;
    use std::time::Duration;

    use super::*;
    use crate::clock::{Clock, UnixMillis};
    use crate::event::Settlement;
    use crate::store::conformance::bench::{ROOM, event, module, ok, report};
    use crate::store::sqlite::SqliteStore;
    use crate::store::sqlite::connection::FileSettings;
    use crate::store::{
        Addressed, Enqueue, EnqueueFate, Lease, Leased, Registered, Rejected, Route, SettleFate, Settled,
    };

    #[test]
    fn a_transaction_gives_no_more_than_it_found() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut room = KeptRoom::new(file.path(), 0);
        let third = room.disk.bytes() / 3;
        assert!(room.give(file.path(), 0, third).is_ok());
        let refused = room.give(file.path(), 0, third).unwrap_err().to_string();
        assert!(refused.contains("bytes free") && refused.contains("free disk space"), "{refused}");
        room.look_again();
        assert!(room.give(file.path(), 0, third).is_ok());
    }

    fn addressed(id: &str, registered: Registered) -> Addressed {
        Addressed { event: event(id), to: Route::to(&[registered.handler]) }
    }

    fn settled(leased: &Leased, registered: Registered) -> Settled {
        Settled {
            lease: leased.id,
            counts: leased.counts,
            event_bytes: leased.json.len() as u64,
            module: registered.module,
            settlement: Settlement::Done,
            report: report(ok()),
            finished_at: UnixMillis(1),
            routes: Vec::new(),
        }
    }

    #[test]
    fn without_room_new_events_are_refused_and_what_was_accepted_is_settled() {
        let folder = tempfile::tempdir().unwrap();
        let open = |kept_free_bytes| {
            let clock = Arc::new(Clock::Manual(AtomicI64::new(1)));
            let settings = FileSettings { kept_free_bytes, ..FileSettings::SHIPPED };
            let store = SqliteStore::open_with(&folder.path().join("evq.db"), clock, &settings).unwrap();
            let registered = store.register(&module("h"), Arc::from(*b"module")).unwrap();
            (store, registered)
        };
        let (store, registered) = open(0);
        store.enqueue(vec![addressed("1", registered), addressed("2", registered)]).unwrap();
        drop(store);

        let (store, registered) = open(u64::MAX);
        let refused = store.enqueue(vec![addressed("3", registered)]);
        assert!(matches!(refused, Err(StoreError::NoRoomForEvents { .. })), "{refused:?}");
        let line = Rejected { file: "-".into(), line: 1, reason: "no event".into(), bytes: Vec::new() };
        assert!(matches!(store.reject(vec![line]), Err(StoreError::NoRoomForEvents { .. })));
        let leases = store.claim(registered.handler, ROOM, Duration::from_secs(5)).unwrap().leases;
        let fates = store.settle(leases.iter().map(|leased| settled(leased, registered)).collect()).unwrap();
        assert!(fates.len() == 2 && fates.iter().all(|fate| matches!(fate, SettleFate::Recorded { .. })));
        drop(store);

        let (store, registered) = open(0);
        let fates = store.enqueue(vec![addressed("3", registered)]).unwrap();
        assert!(matches!(fates[..], [EnqueueFate::Enqueued { .. }]));
    }
}
