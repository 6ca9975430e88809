//! The one thread that writes: drains its channel into a transaction, commits, answers.
//!
//! While one commit waits for the disk the next group gathers behind it, so the batches grow with
//! the load by themselves. Each command runs under a savepoint: one that fails is undone alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use rusqlite::{Connection, ErrorCode};

use super::claim::{Parked, load_orphans};
use super::command::{Answer, Command, Reply, answer};
use super::connection::failure;
use super::enqueue::{Staged, StagedLease};
use super::grants::Grants;
use super::kept_room::KeptRoom;
use super::maintain;
use super::names::Names;
use super::ready::{Ready, ReadyEvent};
use super::register;
use super::retain;
use super::statements::Statements;
use super::unsettled::{Changes, Told};
use crate::clock::{Clock, UnixMillis};
use crate::store::{HandlerId, LeaseId, StoreError};

/// Rows of one transaction: enough to share an fsync well, few enough to answer soon.
const GROUP_ROWS_MAX: usize = 8192;

/// While a claim and an event wait, the wall clock is looked at this often: it can be set, and the
/// machine can have slept.
const CLOCK_LOOK: Duration = Duration::from_millis(50);

pub struct Writer<'c> {
    pub(super) connection: &'c Connection,
    pub(super) sql: Statements<'c>,
    path: &'c Path,
    clock: &'c Clock,
    room: KeptRoom,
    pub(super) names: Names,
    pub(super) ready: BTreeMap<HandlerId, Ready>,
    /// Events enqueued by the current transaction, for the ready windows.
    pub(super) staged: Vec<Staged>,
    /// Rows of `pending` that the current transaction writes or takes away.
    pub(super) changes: Changes,
    /// Room of waiting claims that the current transaction may fill as it writes.
    pub(super) grants: Grants,
    /// Events leased as they were written, for the claim whose room that was.
    pub(super) taken: BTreeMap<HandlerId, Vec<ReadyEvent>>,
    pub(super) parked: Vec<Parked>,
    /// Handlers whose waiting claims, or else the next one, are to be ended.
    pub(super) woken: BTreeSet<HandlerId>,
    /// Whether an event that a waiting claim would take waits for its time.
    pub(super) awaits_due: bool,
    /// Leases found at the start: their owner is gone.
    pub(super) orphans: Vec<LeaseId>,
    pub(super) next_seq: i64,
    /// Where the changes are told once they are durable.
    unsettled: Told,
    /// Set by a failure after which nothing may be written.
    stopped: Option<StoreError>,
}

/// Serves commands until the store is dropped.
pub fn run(
    connection: &Connection,
    path: &Path,
    clock: &Clock,
    room: KeptRoom,
    unsettled: Told,
    inbox: &Receiver<Command>,
) {
    match Writer::new(connection, path, clock, room, unsettled) {
        Ok(mut writer) => {
            while let Some(group) = writer.next_group(inbox) {
                writer.commit(group);
            }
        }
        Err(error) => {
            let error = failure(path, &error);
            inbox.iter().for_each(|command| command.refuse(&error));
        }
    }
}

impl<'c> Writer<'c> {
    fn new(
        connection: &'c Connection,
        path: &'c Path,
        clock: &'c Clock,
        room: KeptRoom,
        unsettled: Told,
    ) -> rusqlite::Result<Self> {
        let last: i64 = connection.query_row(
            "SELECT max(seq, (SELECT ifnull(max(seq), 0) FROM event)) FROM event_seq_given",
            [],
            |row| row.get(0),
        )?;
        Ok(Writer {
            connection,
            sql: Statements::prepare(connection)?,
            path,
            clock,
            room,
            names: Names::default(),
            ready: BTreeMap::new(),
            staged: Vec::new(),
            changes: Changes::default(),
            grants: Grants::default(),
            taken: BTreeMap::new(),
            parked: Vec::new(),
            woken: BTreeSet::new(),
            awaits_due: false,
            orphans: load_orphans(connection)?,
            next_seq: last + 1,
            unsettled,
            stopped: None,
        })
    }

    pub(super) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// Waits for a command and takes what has gathered behind it. An empty group means: look at the
    /// waiting claims again. `None` means that the store was dropped.
    fn next_group(&self, inbox: &Receiver<Command>) -> Option<Vec<Command>> {
        let first = match self.parked.iter().map(|parked| parked.until).min() {
            None => inbox.recv().ok()?,
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                let look = if self.awaits_due { left.min(CLOCK_LOOK) } else { left };
                match inbox.recv_timeout(look) {
                    Ok(command) => command,
                    Err(RecvTimeoutError::Timeout) => return Some(Vec::new()),
                    Err(RecvTimeoutError::Disconnected) => return None,
                }
            }
        };
        let mut rows = first.rows();
        let mut group = vec![first];
        while rows < GROUP_ROWS_MAX {
            let Ok(command) = inbox.try_recv() else { break };
            rows += command.rows();
            group.push(command);
        }
        Some(group)
    }

    fn commit(&mut self, group: Vec<Command>) {
        if let Some(error) = &self.stopped {
            group.into_iter().for_each(|command| command.refuse(error));
            return;
        }
        let mut work = self.park_claims(group).into_iter();
        let mut answers = Vec::with_capacity(work.len());
        match self.transact(&mut work, &mut answers) {
            Ok(()) => {
                self.changes.tell(&self.unsettled);
                answers.into_iter().for_each(|answer| answer(Ok(())));
            }
            Err(error) => self.fail(&error, answers, work),
        }
    }

    fn transact(
        &mut self,
        work: &mut std::vec::IntoIter<Command>,
        answers: &mut Vec<Answer>,
    ) -> rusqlite::Result<()> {
        if work.len() == 0 && self.parked.is_empty() {
            return Ok(());
        }
        self.sql.begin.raw_execute()?;
        self.room.look_again();
        self.open_grants();
        for command in work {
            answers.extend(self.apply(command)?);
        }
        self.grants.close();
        self.hand_on_staged();
        self.serve_claims(answers)?;
        self.sql.commit.raw_execute().map(drop)
    }

    /// Sets the claims of a group aside, first of all, so that what the group enqueues can be leased
    /// as it is written.
    fn park_claims(&mut self, group: Vec<Command>) -> Vec<Command> {
        let mut work = Vec::with_capacity(group.len());
        for command in group {
            match command {
                Command::Wake(handler) => {
                    self.woken.insert(handler);
                }
                Command::Claim { handler, room, until, reply } => {
                    self.parked.push(Parked { handler, room, until, reply });
                }
                other => work.push(other),
            }
        }
        work
    }

    fn open_grants(&mut self) {
        for Parked { handler, room, .. } in &self.parked {
            if self.ready.get(handler).is_some_and(Ready::is_drained) {
                self.grants.open(*handler, *room);
            }
        }
    }

    fn hand_on_staged(&mut self) {
        let windows = self.ready.len();
        for Staged { handler, event, lease } in std::mem::take(&mut self.staged) {
            let ready = self.ready.entry(handler).or_default();
            match lease {
                StagedLease::Taken => {
                    ready.pass(event.seq);
                    self.taken.entry(handler).or_default().push(event);
                }
                StagedLease::Open => ready.offer(event, windows),
            }
        }
    }

    fn apply(&mut self, command: Command) -> rusqlite::Result<Option<Answer>> {
        match command {
            Command::Enqueue { events, reply } => {
                let bytes = events.iter().map(|addressed| addressed.event.json().len() as u64).sum();
                let room = self.room.give(self.path, events.len(), bytes);
                self.guard_if(room, reply, |w| w.enqueue(events))
            }
            Command::Reject { lines, reply } => {
                let bytes = lines.iter().map(|line| line.bytes.len() as u64).sum();
                let room = self.room.give(self.path, lines.len(), bytes);
                self.guard_if(room, reply, |w| w.reject(&lines))
            }
            Command::Register { module, bytes, reply } => {
                self.guard(reply, |w| register::register(w.connection, &module, &bytes))
            }
            Command::ClaimSuspect { handler, reply } => self.guard(reply, |w| w.claim_suspect(handler)),
            Command::Orphans { handler, reply } => self.guard(reply, |w| w.take_orphans(handler)),
            Command::Release { leases, reply } => self.guard(reply, |w| w.release(&leases)),
            Command::Settle { batch, reply } => self.guard(reply, |w| w.settle(batch)),
            Command::RetryDead { filter, reply } => self.guard(reply, |w| {
                let now = w.now();
                maintain::retry_dead(w.connection, &filter, now.0, &mut w.changes)
            }),
            Command::DropDead { filter, reply } => {
                self.guard(reply, |w| maintain::drop_dead(w.connection, &filter))
            }
            Command::Cancel { source, id, handler, reply } => {
                self.guard(reply, |w| w.cancel(&source, &id, handler.as_deref()))
            }
            Command::SetActivity { handler, activity, reply } => {
                self.guard(reply, |w| register::set_activity(w.connection, handler, activity))
            }
            Command::Forget { bite, reply } => self.guard(reply, |w| retain::forget(w.connection, &bite)),
            Command::ForgetRejected { before, rows_max, reply } => {
                self.guard(reply, |w| retain::forget_rejected(w.connection, before, rows_max))
            }
            Command::Claim { .. } | Command::Wake(_) => Ok(None),
        }
    }

    /// As [`Writer::guard`], for what comes from outside: without room it is refused before anything is written.
    fn guard_if<T: 'static>(
        &mut self,
        room: Result<(), StoreError>,
        reply: Reply<T>,
        work: impl FnOnce(&mut Self) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<Answer>> {
        match room {
            Ok(()) => self.guard(reply, work),
            Err(full) => {
                reply(Err(full));
                Ok(None)
            }
        }
    }

    /// Runs one command under a savepoint. Its failure is its caller's alone, unless SQLite gave up
    /// the whole transaction, as it does when the disk is full.
    fn guard<T: 'static>(
        &mut self,
        reply: Reply<T>,
        work: impl FnOnce(&mut Self) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<Answer>> {
        self.sql.savepoint.raw_execute()?;
        let (staged_before, changes_before) = (self.staged.len(), self.changes.mark());
        match work(self) {
            Ok(value) => {
                self.sql.release.raw_execute()?;
                Ok(Some(answer(reply, value)))
            }
            Err(error) => {
                reply(Err(failure(self.path, &error)));
                if self.connection.is_autocommit() {
                    return Err(error);
                }
                self.staged.truncate(staged_before);
                self.changes.back_to(changes_before);
                self.names.clear();
                self.sql.undo.raw_execute()?;
                self.sql.release.raw_execute()?;
                Ok(None)
            }
        }
    }

    /// The transaction is lost: nobody is told "accepted", those whose turn had not come are told so,
    /// too, and what memory holds of it goes.
    fn fail(
        &mut self,
        error: &rusqlite::Error,
        answers: Vec<Answer>,
        not_begun: std::vec::IntoIter<Command>,
    ) {
        let told = failure(self.path, error);
        // After some failures SQLite has rolled back already, and a second ROLLBACK is an error.
        if !self.connection.is_autocommit() && self.connection.execute_batch("ROLLBACK").is_err() {
            self.stopped = Some(StoreError::Stopped { reason: told.to_string() });
        }
        // After a failed write or fsync the page cache may say "clean" of what never reached the
        // disk. Only a new start, which reads the log again, knows what is there.
        if matches!(error.sqlite_error_code(), Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt))
        {
            self.stopped = Some(StoreError::Stopped { reason: told.to_string() });
        }
        self.staged.clear();
        self.changes = Changes::default();
        self.grants.close();
        self.taken.clear();
        self.names.clear();
        self.ready.clear();
        answers.into_iter().for_each(|answer| answer(Err(told.clone())));
        not_begun.for_each(|command| command.refuse(&told));
        self.parked.drain(..).for_each(|parked| (parked.reply)(Err(told.clone())));
    }
}

impl Command {
    /// Answers that the command was not done.
    pub fn refuse(self, error: &StoreError) {
        let error = error.clone();
        match self {
            Command::Enqueue { reply, .. } => reply(Err(error)),
            Command::Reject { reply, .. } => reply(Err(error)),
            Command::Register { reply, .. } => reply(Err(error)),
            Command::Claim { reply, .. } => reply(Err(error)),
            Command::ClaimSuspect { reply, .. } => reply(Err(error)),
            Command::Orphans { reply, .. } => reply(Err(error)),
            Command::Release { reply, .. } => reply(Err(error)),
            Command::Settle { reply, .. } => reply(Err(error)),
            Command::RetryDead { reply, .. }
            | Command::DropDead { reply, .. }
            | Command::ForgetRejected { reply, .. } => reply(Err(error)),
            Command::Forget { reply, .. } => reply(Err(error)),
            Command::Cancel { reply, .. } => reply(Err(error)),
            Command::SetActivity { reply, .. } => reply(Err(error)),
            Command::Wake(_) => {}
        }
    }
}
