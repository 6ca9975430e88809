//! A thin layer between SQLite and its own way to the disk: every call goes to a [`Disk`] first, which
//! may fail it, and then on to the default VFS. Syncs end here: the disk keeps the books, and a test
//! need not wait for a real one.
//!
//! Written against the C interface and not with the crate `sqlite-plugin`: that one hides whether a
//! deletion syncs the folder, would have us rebuild locks and shared memory instead of forwarding to
//! those that are shipped, and needs libclang wherever the tests are built.

use std::ffi::{CStr, CString, OsStr};
use std::mem::size_of;
use std::os::raw::{c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::ffi;

use super::disk::{Call, Disk, SyncsNames};
use super::file::{METHODS, Opened, ShimFile, real};

/// A registered VFS over one disk. Every connection over it must be closed before it is dropped.
pub struct FaultyVfs {
    name: CString,
    vfs: Box<ffi::sqlite3_vfs>,
    /// What `pAppData` points to.
    disk: Arc<Disk>,
}

impl FaultyVfs {
    pub fn over(disk: Disk) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = CString::new(format!("faulty-{}", COUNT.fetch_add(1, Ordering::Relaxed))).unwrap();
        let disk = Arc::new(disk);
        // SAFETY: the default VFS is there as long as the process; its methods that are copied do not
        // look at the VFS they are called with. Name and disk are kept until it is unregistered.
        unsafe {
            let default = ffi::sqlite3_vfs_find(ptr::null());
            let mut vfs = Box::new(*default);
            vfs.szOsFile += c_int::try_from(size_of::<ShimFile>()).unwrap();
            vfs.pNext = ptr::null_mut();
            vfs.zName = name.as_ptr();
            vfs.pAppData = Arc::as_ptr(&disk).cast_mut().cast();
            vfs.xOpen = Some(open);
            vfs.xDelete = Some(delete);
            vfs.xAccess = Some(access);
            assert_eq!(ffi::sqlite3_vfs_register(&mut *vfs, 0), ffi::SQLITE_OK);
            FaultyVfs { name, vfs, disk }
        }
    }

    pub fn name(&self) -> String {
        self.name.to_string_lossy().into_owned()
    }

    pub fn disk(&self) -> &Disk {
        &self.disk
    }
}

impl Drop for FaultyVfs {
    fn drop(&mut self) {
        // SAFETY: it was registered, and nothing is open over it any more.
        unsafe { ffi::sqlite3_vfs_unregister(&mut *self.vfs) };
    }
}

unsafe fn disk_of(vfs: *mut ffi::sqlite3_vfs) -> Arc<Disk> {
    // SAFETY: `pAppData` points into the `Arc` that the registered VFS holds.
    unsafe {
        let disk = (*vfs).pAppData.cast_const().cast::<Disk>();
        Arc::increment_strong_count(disk);
        Arc::from_raw(disk)
    }
}

unsafe fn path_of<'a>(name: *const c_char) -> &'a Path {
    // SAFETY: SQLite gives a string that outlives the call.
    Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(name) }.to_bytes()))
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a buffer of `szOsFile` bytes: room for our part and the default's.
    unsafe {
        (*file).pMethods = ptr::null();
        assert!(!name.is_null(), "temporary files stay in memory");
        let disk = disk_of(vfs);
        let creates = flags & ffi::SQLITE_OPEN_CREATE != 0;
        let found = match disk.open(path_of(name), creates) {
            Ok(Some(found)) => found,
            Ok(None) => return ffi::SQLITE_CANTOPEN,
            Err(code) => return code,
        };
        let default = ffi::sqlite3_vfs_find(ptr::null());
        let code = (*default).xOpen.unwrap()(default, name, real(file), flags, out_flags);
        if code == ffi::SQLITE_OK {
            let is_log = flags & (ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL) != 0;
            let names = if is_log && creates { SyncsNames::Yes } else { SyncsNames::No };
            let sync = if is_log { Call::SyncLog } else { Call::SyncDatabase };
            let opened = Box::into_raw(Box::new(Opened { disk, file: found, sync, names }));
            file.cast::<ShimFile>()
                .write(ShimFile { base: ffi::sqlite3_file { pMethods: &METHODS }, opened });
        }
        code
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_dir: c_int) -> c_int {
    let names = if sync_dir != 0 { SyncsNames::Yes } else { SyncsNames::No };
    // SAFETY: as SQLite called us, so we call the default. It is told not to sync.
    unsafe {
        if let Err(code) = disk_of(vfs).delete(path_of(name), names) {
            return code;
        }
        let default = ffi::sqlite3_vfs_find(ptr::null());
        (*default).xDelete.unwrap()(default, name, 0)
    }
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: as SQLite called us, so we call the default.
    unsafe {
        if let Err(code) = disk_of(vfs).ask(Call::Access) {
            return code;
        }
        let default = ffi::sqlite3_vfs_find(ptr::null());
        (*default).xAccess.unwrap()(default, name, flags, out)
    }
}
