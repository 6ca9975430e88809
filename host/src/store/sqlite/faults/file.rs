//! An open file of the thin layer: our part first, the default VFS's file behind it in the same buffer.

use std::mem::size_of;
use std::os::raw::{c_int, c_void};
use std::slice;
use std::sync::Arc;

use rusqlite::ffi::{self, sqlite3_file};

use super::disk::{Call, Disk, SyncsNames};
use super::platter::FileId;
use super::sectors::Change;

#[repr(C)]
pub struct ShimFile {
    pub base: sqlite3_file,
    pub opened: *mut Opened,
}

/// What we know of an open file.
pub struct Opened {
    pub disk: Arc<Disk>,
    pub file: FileId,
    /// What it means to sync it.
    pub sync: Call,
    /// Whether its next sync is of the folder, too.
    pub names: SyncsNames,
}

/// The default VFS's file.
pub unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: the buffer has both, one behind the other; see `szOsFile`.
    unsafe { file.cast::<u8>().add(size_of::<ShimFile>()).cast() }
}

unsafe fn opened<'a>(file: *mut sqlite3_file) -> &'a mut Opened {
    // SAFETY: set when the file was opened, and freed when it is closed.
    unsafe { &mut *(*file.cast::<ShimFile>()).opened }
}

/// Calls the default VFS's method on its file.
macro_rules! forward {
    ($method:ident, $file:expr $(, $argument:expr)*) => {{
        // SAFETY: as SQLite called us, so we call the default.
        unsafe {
            let real = real($file);
            (*(*real).pMethods).$method.expect("the default VFS has all methods")(real $(, $argument)*)
        }
    }};
}

/// Asks the disk first, and calls the default VFS if it has nothing against it.
macro_rules! ask_and_forward {
    ($call:expr, $method:ident, $file:expr $(, $argument:expr)*) => {{
        // SAFETY: SQLite gives an open file.
        match unsafe { opened($file) }.disk.ask($call) {
            Ok(()) => forward!($method, $file $(, $argument)*),
            Err(code) => code,
        }
    }};
}

/// Version 2: with shared memory, without memory maps, whose writes nobody could see.
pub static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once.
    drop(unsafe { Box::from_raw((*file.cast::<ShimFile>()).opened) });
    forward!(xClose, file)
}

unsafe extern "C" fn read(file: *mut sqlite3_file, buffer: *mut c_void, len: c_int, at: i64) -> c_int {
    ask_and_forward!(Call::Read, xRead, file, buffer, len, at)
}

unsafe extern "C" fn write(file: *mut sqlite3_file, bytes: *const c_void, len: c_int, at: i64) -> c_int {
    // SAFETY: SQLite gives an open file and that many bytes.
    let (opened, given) = unsafe { (opened(file), slice::from_raw_parts(bytes.cast::<u8>(), len as usize)) };
    let change = Change::Write { offset: at as usize, bytes: given.to_vec() };
    match opened.disk.change(Call::Write, opened.file, change) {
        Ok(()) => forward!(xWrite, file, bytes, len, at),
        Err(code) => code,
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, len: i64) -> c_int {
    // SAFETY: SQLite gives an open file.
    let opened = unsafe { opened(file) };
    match opened.disk.change(Call::Truncate, opened.file, Change::Truncate { len: len as usize }) {
        Ok(()) => forward!(xTruncate, file, len),
        Err(code) => code,
    }
}

/// Goes no further: the disk keeps the books of what is certain.
unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: SQLite gives an open file.
    let opened = unsafe { opened(file) };
    match opened.disk.sync(opened.sync, opened.file, opened.names) {
        Ok(()) => {
            opened.names = SyncsNames::No;
            ffi::SQLITE_OK
        }
        Err(code) => code,
    }
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut i64) -> c_int {
    ask_and_forward!(Call::Size, xFileSize, file, size)
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    ask_and_forward!(Call::Lock, xLock, file, level)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    forward!(xUnlock, file, level)
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, is_held: *mut c_int) -> c_int {
    ask_and_forward!(Call::Lock, xCheckReservedLock, file, is_held)
}

unsafe extern "C" fn file_control(file: *mut sqlite3_file, operation: c_int, argument: *mut c_void) -> c_int {
    forward!(xFileControl, file, operation, argument)
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    forward!(xSectorSize, file)
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    forward!(xDeviceCharacteristics, file)
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    len: c_int,
    extend: c_int,
    memory: *mut *mut c_void,
) -> c_int {
    ask_and_forward!(Call::ShmMap, xShmMap, file, region, len, extend, memory)
}

/// To give a lock back asks nothing of the disk.
unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, offset: c_int, count: c_int, flags: c_int) -> c_int {
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        return forward!(xShmLock, file, offset, count, flags);
    }
    ask_and_forward!(Call::ShmLock, xShmLock, file, offset, count, flags)
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    forward!(xShmBarrier, file);
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    forward!(xShmUnmap, file, delete)
}
