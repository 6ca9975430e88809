//! Room of waiting claims, to be filled by events of the same transaction.
//!
//! When a claim waits and nothing is ahead of it, an event is written as leased at once: one
//! statement fewer for each, and one commit both accepts an event and gives it to a worker.

use std::collections::BTreeMap;

use super::enqueue::StagedLease;
use crate::store::{HandlerId, Room};

/// What may still be leased as it is written, for each handler.
#[derive(Default)]
pub struct Grants {
    room: BTreeMap<HandlerId, Room>,
}

impl Grants {
    /// Opens the room of one waiting claim. A second claim of the same handler waits its turn.
    pub fn open(&mut self, handler: HandlerId, room: Room) {
        self.room.entry(handler).or_insert(room);
    }

    /// Takes the place of one event, if there is one.
    pub fn take(&mut self, handler: HandlerId, bytes: usize) -> StagedLease {
        let bytes = bytes as u64;
        match self.room.get_mut(&handler) {
            Some(room) if room.events_max > 0 && room.bytes_max >= bytes => {
                room.events_max -= 1;
                room.bytes_max -= bytes;
                StagedLease::Taken
            }
            // An event that does not fit must not be overtaken by a smaller one behind it.
            _ => {
                self.room.remove(&handler);
                StagedLease::Open
            }
        }
    }

    pub fn close(&mut self) {
        self.room.clear();
    }
}
