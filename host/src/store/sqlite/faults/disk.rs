//! A disk that keeps count of what is asked of it, and whose power goes at the n-th access.

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
    Sync,
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
            Call::Sync => ffi::SQLITE_IOERR_FSYNC,
            Call::Size => ffi::SQLITE_IOERR_FSTAT,
            Call::Lock => ffi::SQLITE_IOERR_LOCK,
            Call::ShmMap => ffi::SQLITE_IOERR_SHMMAP,
            Call::ShmLock => ffi::SQLITE_IOERR_SHMLOCK,
        }
    }
}

/// When the power goes: at this access to the disk, counted from 0.
#[derive(Debug, Clone, Copy)]
pub struct PowerCut {
    pub at: usize,
}

struct State {
    power_cut: PowerCut,
    platter: Platter,
    accesses: usize,
    is_off: bool,
}

pub struct Disk(Mutex<State>);

impl Disk {
    pub fn holding(image: &Image, power_cut: PowerCut) -> Self {
        let platter = Platter::holding(image);
        Disk(Mutex::new(State { power_cut, platter, accesses: 0, is_off: false }))
    }

    pub fn is_off(&self) -> bool {
        self.lock().is_off
    }

    pub fn after_power_cut(&self, random: &mut SmallRng) -> Image {
        self.lock().platter.after_power_cut(random)
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

    pub fn sync(&self, file: FileId, names: SyncsNames) -> Result<(), c_int> {
        let mut state = self.lock();
        state.meet(Call::Sync)?;
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
        self.power_cut.at == self.accesses
    }

    /// Counts a call, and fails it if its time has come.
    fn meet(&mut self, call: Call) -> Result<(), c_int> {
        if call.is_access() {
            self.is_off |= self.is_cut_now();
            self.accesses += 1;
        }
        if self.is_off { Err(call.error()) } else { Ok(()) }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().expect("SQLite names files").to_string_lossy().into_owned()
}
