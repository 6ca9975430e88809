//! Sources and types by number: each text is stored once.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Statement};

/// Names kept in memory; a stream with more distinct ones than this looks them up again.
const CACHED_MAX: usize = 10_000;

/// The writer's cache in front of the table `name`.
#[derive(Default)]
pub struct Names {
    cached: HashMap<Box<str>, i64>,
}

impl Names {
    /// The number of a text, which is stored if it is new.
    pub fn id_of(
        &mut self,
        text: &str,
        find: &mut Statement<'_>,
        insert: &mut Statement<'_>,
    ) -> rusqlite::Result<i64> {
        if let Some(id) = self.cached.get(text) {
            return Ok(*id);
        }
        let id = match find.query_row([text], |row| row.get(0)).optional()? {
            Some(id) => id,
            None => insert.insert([text])?,
        };
        if self.cached.len() >= CACHED_MAX {
            self.cached.clear();
        }
        self.cached.insert(text.into(), id);
        Ok(id)
    }

    /// Forgets all: after a rollback some of the numbers may not exist.
    pub fn clear(&mut self) {
        self.cached.clear();
    }
}
