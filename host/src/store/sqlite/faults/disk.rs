//! A disk that keeps count of what is asked of it, and fails when it is told to: the power goes at
//! the n-th access, or the k-th system call fails.

use std::os::raw::c_int;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use rand::rngs::SmallRng;
use rusqlite::ffi;

use super::platter::{FileId, Image, Platter};
use super::sectors::Change;

/// What SQLite asks of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Open,
    Delete,
    Access,
    Read,
    Write,
    Truncate,
    /// Of the log, or of a journal.
    SyncLog,
    /// Of the database itself, at the end of a checkpoint.
    SyncDatabase,
    Size,
    Lock,
    ShmMap,
    ShmLock,
}

impl Call {
    /// Whether it reaches the disk. The others end in the kernel.
    fn is_access(self) -> bool {
        !matches!(self, Call::Access | Call::Size | Call::Lock | Call::ShmMap | Call::ShmLock)
    }

    fn error(self) -> c_int {
        match self {
            Call::Open => ffi::SQLITE_CANTOPEN,
            Call::Delete => ffi::SQLITE_IOERR_DELETE,
            Call::Access => ffi::SQLITE_IOERR_ACCESS,
            Call::Read => ffi::SQLITE_IOERR_READ,
            Call::Write => ffi::SQLITE_IOERR_WRITE,
            Call::Truncate => ffi::SQLITE_IOERR_TRUNCATE,
            Call::SyncLog | Call::SyncDatabase => ffi::SQLITE_IOERR_FSYNC,
            Call::Size => ffi::SQLITE_IOERR_FSTAT,
            Call::Lock => ffi::SQLITE_IOERR_LOCK,
            Call::ShmMap => ffi::SQLITE_IOERR_SHMMAP,
            Call::ShmLock => ffi::SQLITE_IOERR_SHMLOCK,
        }
    }
}

/// How a system call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// ENOSPC.
    NoRoom,
    /// EIO.
    Io,
}

impl Fault {
    /// What SQLite's own layer makes of it; `None` where it cannot happen.
    pub fn code(self, call: Call) -> Option<c_int> {
        match (self, call) {
            (Fault::Io, call) => Some(call.error()),
            (Fault::NoRoom, Call::Write) => Some(ffi::SQLITE_FULL),
            (Fault::NoRoom, Call::Open) => Some(ffi::SQLITE_CANTOPEN),
            (Fault::NoRoom, Call::ShmMap) => Some(ffi::SQLITE_IOERR_SHMSIZE),
            (Fault::NoRoom, _) => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    Once,
    ForEver,
}

/// What is to go wrong.
#[derive(Debug, Clone, Copy)]
pub enum Plan {
    Nothing,
    /// The power goes at this access to the disk, counted from 0.
    PowerCut {
        at: usize,
    },
    /// This system call fails, counted from 0.
    Fail {
        at: usize,
        fault: Fault,
        lasting: Lasting,
    },
}

struct State {
    plan: Plan,
    platter: Platter,
    calls: Vec<Call>,
    accesses: usize,
    is_off: bool,
}

pub struct Disk(Mutex<State>);

impl Disk {
    pub fn holding(image: &Image, plan: Plan) -> Self {
        let platter = Platter::holding(image);
        Disk(Mutex::new(State { plan, platter, calls: Vec::new(), accesses: 0, is_off: false }))
    }

    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    pub fn is_off(&self) -> bool {
        self.lock().is_off
    }

    pub fn after_power_cut(&self, random: &mut SmallRng) -> Image {
        self.lock().platter.after_power_cut(random)
    }

    pub fn synced(&self) -> Image {
        self.lock().platter.synced()
    }

    /// A call that changes nothing.
    pub fn ask(&self, call: Call) -> Result<(), c_int> {
        self.lock().meet(call)
    }

    pub fn open(&self, path: &Path, creates: bool) -> Result<Option<FileId>, c_int> {
        let (mut state, name) = (self.lock(), name_of(path));
        state.meet(Call::Open)?;
        let found = state.platter.find(&name);
        Ok(found.or_else(|| creates.then(|| state.platter.create(&name))))
    }

    /// The change may have reached the disk when the power went, so it is noted first.
    pub fn change(&self, call: Call, file: FileId, change: Change) -> Result<(), c_int> {
        let mut state = self.lock();
        if !state.is_off && state.is_cut_now() {
            state.platter.change(file, change.clone());
        }
        state.meet(call)?;
        state.platter.change(file, change);
        Ok(())
    }

    /// Of which kind of file, the call says.
    pub fn sync(&self, call: Call, file: FileId, names: SyncsNames) -> Result<(), c_int> {
        let mut state = self.lock();
        if let Err(code) = state.meet(call) {
            if !state.is_off {
                state.platter.forget_changes(file);
            }
            return Err(code);
        }
        state.platter.sync(file);
        if names == SyncsNames::Yes {
            state.platter.sync_names();
        }
        Ok(())
    }

    pub fn delete(&self, path: &Path, names: SyncsNames) -> Result<(), c_int> {
        let mut state = self.lock();
        if !state.is_off && state.is_cut_now() {
            state.platter.delete(&name_of(path));
        }
        state.meet(Call::Delete)?;
        state.platter.delete(&name_of(path));
        if names == SyncsNames::Yes {
            state.platter.sync_names();
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it holds the disk")
    }
}

/// Whether the folder's names are synced along, as SQLite does for a new log or journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncsNames {
    Yes,
    No,
}

impl State {
    fn is_cut_now(&self) -> bool {
        matches!(self.plan, Plan::PowerCut { at } if at == self.accesses)
    }

    /// Counts a call, and fails it if its time has come.
    fn meet(&mut self, call: Call) -> Result<(), c_int> {
        let number = self.calls.len();
        self.calls.push(call);
        if call.is_access() {
            self.is_off |= self.is_cut_now();
            self.accesses += 1;
        }
        if self.is_off {
            return Err(call.error());
        }
        match self.plan {
            Plan::Fail { at, fault, lasting }
                if number == at || (number > at && lasting == Lasting::ForEver) =>
            {
                fault.code(call).map_or(Ok(()), Err)
            }
            _ => Ok(()),
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().expect("SQLite names files").to_string_lossy().into_owned()
}
