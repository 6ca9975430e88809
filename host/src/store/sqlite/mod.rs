//! The embedded back end: one SQLite file, one owner process, one writer thread.
//!
//! The writer owns the only connection that writes. It drains its channel into one transaction, so
//! that one fsync serves every caller that waits, and answers only after COMMIT said yes. Readers
//! ([`SqliteReader`]) open the file themselves and disturb nobody. rusqlite stays in this folder.

mod backup;
mod cancel;
mod ceiling;
mod claim;
mod command;
mod connection;
mod enqueue;
mod exchange;
mod grants;
mod inspect;
mod kept_room;
mod lock;
mod maintain;
mod migrate;
mod names;
mod ready;
mod register;
mod retain;
mod row;
mod settle;
mod statements;
mod unsettled;
mod writer;

#[cfg(test)]
mod faults;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{SendError, Sender};

use self::command::{Command, Reply, awaited};
use self::connection::FileSettings;
use self::kept_room::KeptRoom;
use self::lock::OwnerLock;
use self::unsettled::Told;
use super::{
    Activity, Addressed, Bite, Bitten, Cancelled, Claim, DeadFilter, Enqueue, HandlerId, Lease, LeaseId,
    Leased, Maintain, ModuleIdentity, Registered, Rejected, Retain, Room, SettleFate, Settled, StoreError,
    TellFates, Unsettled,
};
use crate::clock::{Clock, UnixMillis};

pub use backup::{Copied, CopyFacts, back_up};
pub use ceiling::{Ceiling, CeilingFile, CeilingRow, sqlite_version};
pub use inspect::SqliteReader;

/// The store over one file. Dropping it ends the writer once it has answered what was asked; leases
/// still held then are orphans for the next owner.
pub struct SqliteStore {
    commands: Option<Sender<Command>>,
    writer: Option<JoinHandle<()>>,
    unsettled: Told,
    path: PathBuf,
    _lock: OwnerLock,
}

impl SqliteStore {
    /// Opens the database, or makes one, and becomes its owner.
    ///
    /// # Errors
    /// [`StoreError::Owned`] when another process has it; others when it is not ours or fails.
    pub fn open(path: &Path, clock: Arc<Clock>) -> Result<Self, StoreError> {
        Self::open_with(path, clock, &FileSettings::SHIPPED)
    }

    fn open_with(path: &Path, clock: Arc<Clock>, settings: &FileSettings) -> Result<Self, StoreError> {
        connection::check_library()?;
        let lock = OwnerLock::take(path)?;
        let connection = connection::open_writer(path, settings)?;
        let unsettled = Told::count(&connection).map_err(|e| connection::failure(path, &e))?;
        let (commands, inbox) = crossbeam_channel::unbounded();
        let (owned_path, room) = (path.to_owned(), KeptRoom::new(path, settings.kept_free_bytes));
        let told = unsettled.clone();
        let writer = std::thread::Builder::new()
            .name("evq-writer".into())
            .spawn(move || writer::run(&connection, &owned_path, &clock, room, told, &inbox))
            .map_err(|e| StoreError::Failed { path: path.to_owned(), reason: e.to_string() })?;
        Ok(SqliteStore {
            commands: Some(commands),
            writer: Some(writer),
            unsettled,
            path: path.to_owned(),
            _lock: lock,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sends one command to the writer and waits for its answer.
    fn ask<T: Send + 'static>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, StoreError> {
        let (reply, answer) = awaited();
        self.tell(command(reply));
        answer.recv().map_err(|_| StoreError::gone())?
    }

    /// Sends one command to the writer. One that is gone does nothing of it, and says so.
    fn tell(&self, command: Command) {
        let commands = self.commands.as_ref().expect("it is taken by the drop alone");
        if let Err(SendError(command)) = commands.send(command) {
            command.refuse(&StoreError::gone());
        }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        drop(self.commands.take());
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has said so already; its transaction was rolled back.
            let _ = writer.join();
        }
    }
}

impl Enqueue for SqliteStore {
    fn hand_over(&self, events: Vec<Addressed>, tell: TellFates) {
        self.tell(Command::Enqueue { events, reply: tell });
    }

    fn reject(&self, lines: Vec<Rejected>) -> Result<(), StoreError> {
        self.ask(|reply| Command::Reject { lines, reply })
    }

    fn unsettled(&self) -> Unsettled {
        self.unsettled.now()
    }
}

impl Lease for SqliteStore {
    fn register(&self, module: &ModuleIdentity, bytes: Arc<[u8]>) -> Result<Registered, StoreError> {
        self.ask(|reply| Command::Register { module: module.clone(), bytes, reply })
    }

    fn claim(&self, handler: HandlerId, room: Room, wait: Duration) -> Result<Claim, StoreError> {
        let until = Instant::now() + wait;
        self.ask(|reply| Command::Claim { handler, room, until, reply })
    }

    fn claim_suspect(&self, handler: HandlerId) -> Result<Option<Leased>, StoreError> {
        self.ask(|reply| Command::ClaimSuspect { handler, reply })
    }

    fn wake(&self, handler: HandlerId) {
        // When the writer is gone no claim is waiting.
        self.tell(Command::Wake(handler));
    }

    fn orphans(&self, handler: HandlerId) -> Result<Vec<Leased>, StoreError> {
        self.ask(|reply| Command::Orphans { handler, reply })
    }

    fn release(&self, leases: Vec<LeaseId>) -> Result<(), StoreError> {
        self.ask(|reply| Command::Release { leases, reply })
    }

    fn settle(&self, batch: Vec<Settled>) -> Result<Vec<SettleFate>, StoreError> {
        self.ask(|reply| Command::Settle { batch, reply })
    }
}

impl Retain for SqliteStore {
    fn forget(&self, bite: Bite) -> Result<Bitten, StoreError> {
        self.ask(|reply| Command::Forget { bite, reply })
    }

    fn forget_rejected(&self, before: UnixMillis, rows_max: u32) -> Result<u64, StoreError> {
        self.ask(|reply| Command::ForgetRejected { before, rows_max, reply })
    }
}

impl Maintain for SqliteStore {
    fn retry_dead(&self, filter: &DeadFilter) -> Result<u64, StoreError> {
        self.ask(|reply| Command::RetryDead { filter: filter.clone(), reply })
    }

    fn drop_dead(&self, filter: &DeadFilter) -> Result<u64, StoreError> {
        self.ask(|reply| Command::DropDead { filter: filter.clone(), reply })
    }

    fn cancel(&self, source: &str, id: &str, handler: Option<&str>) -> Result<Cancelled, StoreError> {
        let handler = handler.map(Box::from);
        self.ask(|reply| Command::Cancel { source: source.into(), id: id.into(), handler, reply })
    }

    fn set_activity(&self, handler: HandlerId, activity: Activity) -> Result<(), StoreError> {
        self.ask(|reply| Command::SetActivity { handler, activity, reply })
    }
}
