//! A folder of a test's own, with its events, its handlers and its database.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};

/// Removed when the test has passed; kept, and named, when it has failed.
pub struct Dir {
    path: PathBuf,
    is_owned: bool,
}

impl Dir {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("wasm-evq-test-{}-{count}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Dir { path, is_owned: true }
    }

    /// A folder in this one, which goes with it.
    pub fn inside(&self, name: &str) -> Dir {
        Dir { path: self.file(name), is_owned: false }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        fs::write(self.file(name), bytes).unwrap();
        self
    }

    /// Writes what only its owner may read.
    pub fn secret(&self, name: &str, text: &str) -> &Self {
        self.write(name, text);
        fs::set_permissions(self.file(name), fs::Permissions::from_mode(0o600)).unwrap();
        self
    }

    /// Writes `events.ndjson`.
    pub fn events(&self, lines: impl IntoIterator<Item = String>) -> &Self {
        let mut text = String::new();
        lines.into_iter().for_each(|line| text.extend([&line, "\n"]));
        self.write("events.ndjson", text)
    }

    /// What a query on `evq.db` answers, as the sqlite3 program prints it: a line a row, `|` between
    /// the columns.
    #[track_caller]
    pub fn sql(&self, query: &str) -> String {
        self.try_sql(query).unwrap_or_else(|e| panic!("{e}: {query}"))
    }

    /// The number of rows that `rest` names, as in `pending WHERE leased = 1`; 0 while there is no
    /// such table.
    pub fn count(&self, rest: &str) -> u64 {
        let count = self.try_sql(&format!("SELECT count(*) FROM {rest}"));
        count.map_or(0, |count| count.parse().unwrap())
    }

    /// A connection that cannot write, so that looking changes nothing.
    fn try_sql(&self, query: &str) -> rusqlite::Result<String> {
        let connection = Connection::open_with_flags(self.file("evq.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        let mut statement = connection.prepare(query)?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| Ok(line(row, columns)))?;
        Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.join("\n"))
    }

    /// Changes `evq.db` behind the program's back, between two runs.
    pub fn change(&self, statement: &str) {
        Connection::open(self.file("evq.db")).and_then(|db| db.execute_batch(statement)).unwrap();
    }

    /// Opens `evq.db` as a program does that may write, so that SQLite mends what a kill left behind.
    pub fn mend(&self) {
        self.change("SELECT count(*) FROM sqlite_schema");
    }

    /// All rows of all tables.
    pub fn dump(&self) -> String {
        let tables = self.sql("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
        let rows =
            tables.lines().map(|table| format!("{table}\n{}", self.sql(&format!("SELECT * FROM {table}"))));
        rows.collect::<Vec<_>>().join("\n")
    }

    /// The file is whole, every reference in it leads somewhere, and nothing waits.
    #[track_caller]
    pub fn assert_sound(&self) {
        assert_eq!(self.sql("PRAGMA integrity_check"), "ok");
        assert_eq!(self.sql("PRAGMA foreign_key_check"), "");
        assert_eq!(self.sql("SELECT * FROM pending"), "");
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        if !self.is_owned {
            return;
        }
        if std::thread::panicking() {
            eprintln!("kept: {}", self.path.display());
        } else {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn line(row: &Row<'_>, columns: usize) -> String {
    let cell = |column| match row.get_ref_unwrap(column) {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => format!("x'{}'", hex::encode(bytes)),
    };
    (0..columns).map(cell).collect::<Vec<_>>().join("|")
}
