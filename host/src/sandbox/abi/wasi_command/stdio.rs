//! Reading and writing the three streams, and what a program asks about them.

use wasmtime::Linker;

use super::memory::{entry, u32_at, write, write_u32};
use super::{Guest, IMPORTS, errno};
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::guest_memory::slice;

const STDIN: i32 = 0;
const STDOUT: i32 = 1;
const STDERR: i32 = 2;

const RIGHT_READ: u64 = 1 << 1;
const RIGHT_WRITE: u64 = 1 << 6;
const RIGHT_POLL: u64 = 1 << 27;

pub fn link(linker: &mut Linker<AttemptState>) -> wasmtime::Result<()> {
    linker
        .func_wrap(IMPORTS, "fd_read", fd_read)?
        .func_wrap(IMPORTS, "fd_write", fd_write)?
        .func_wrap(IMPORTS, "fd_close", |fd: i32| of_stream(fd, errno::SUCCESS))?
        .func_wrap(IMPORTS, "fd_seek", |fd: i32, _: i64, _: i32, _: i32| of_stream(fd, errno::SPIPE))?
        .func_wrap(IMPORTS, "fd_tell", |fd: i32, _: i32| of_stream(fd, errno::SPIPE))?
        .func_wrap(IMPORTS, "fd_sync", |fd: i32| of_stream(fd, errno::SUCCESS))?
        .func_wrap(IMPORTS, "fd_datasync", |fd: i32| of_stream(fd, errno::SUCCESS))?
        .func_wrap(IMPORTS, "fd_fdstat_get", fd_fdstat_get)?
        .func_wrap(IMPORTS, "fd_fdstat_set_flags", |fd: i32, _: i32| of_stream(fd, errno::SUCCESS))?
        .func_wrap(IMPORTS, "fd_filestat_get", fd_filestat_get)?;
    Ok(())
}

pub fn is_stream(fd: i32) -> bool {
    (STDIN..=STDERR).contains(&fd)
}

/// Nothing else is ever open.
fn of_stream(fd: i32, answer: i32) -> i32 {
    if is_stream(fd) { answer } else { errno::BADF }
}

fn fd_read(mut guest: Guest<'_>, fd: i32, vectors: i32, count: i32, read: i32) -> wasmtime::Result<i32> {
    if fd != STDIN {
        return Ok(errno::BADF);
    }
    let mut total = 0;
    for index in 0..count.cast_unsigned() {
        let (ptr, len) = vector(&mut guest, "fd_read", vectors, index)?;
        // What the guest has room for is not what it is given: only that is looked at and paid for.
        let len = len.min(u32::try_from(guest.data().stdin_left()).unwrap_or(u32::MAX));
        let (target, state) = slice(&mut guest, "fd_read", ptr, len.cast_signed())?;
        target.copy_from_slice(state.read_stdin(len as usize));
        total += len;
        if state.stdin_left() == 0 {
            break;
        }
    }
    write_u32(&mut guest, "fd_read", read, total)?;
    Ok(errno::SUCCESS)
}

/// Writes all or ends the attempt: some languages take what is left of a short write for written.
fn fd_write(mut guest: Guest<'_>, fd: i32, vectors: i32, count: i32, written: i32) -> wasmtime::Result<i32> {
    if fd != STDOUT && fd != STDERR {
        return Ok(errno::BADF);
    }
    let mut total: u32 = 0;
    for index in 0..count.cast_unsigned() {
        let (ptr, len) = vector(&mut guest, "fd_write", vectors, index)?;
        let (bytes, state) = slice(&mut guest, "fd_write", ptr, len.cast_signed())?;
        match fd {
            STDOUT => state.write_stdout(bytes)?,
            _ => state.write_stderr(bytes)?,
        }
        total = total.wrapping_add(len);
    }
    write_u32(&mut guest, "fd_write", written, total)?;
    Ok(errno::SUCCESS)
}

/// Where one piece of a read or write lies, and its length.
fn vector(guest: &mut Guest<'_>, what: &str, vectors: i32, index: u32) -> wasmtime::Result<(i32, u32)> {
    let vector: [u8; 8] = entry(guest, what, vectors, index)?;
    Ok((u32_at(&vector, 0).cast_signed(), u32_at(&vector, 4)))
}

/// A stream of an unknown kind: a program that takes it for a terminal would write line by line.
fn fd_fdstat_get(mut guest: Guest<'_>, fd: i32, stat: i32) -> wasmtime::Result<i32> {
    if !is_stream(fd) {
        return Ok(errno::BADF);
    }
    let rights = if fd == STDIN { RIGHT_READ } else { RIGHT_WRITE } | RIGHT_POLL;
    let mut bytes = [0; 24];
    bytes[8..16].copy_from_slice(&rights.to_le_bytes());
    write(&mut guest, "fd_fdstat_get", stat, &bytes)?;
    Ok(errno::SUCCESS)
}

fn fd_filestat_get(mut guest: Guest<'_>, fd: i32, stat: i32) -> wasmtime::Result<i32> {
    if !is_stream(fd) {
        return Ok(errno::BADF);
    }
    write(&mut guest, "fd_filestat_get", stat, &[0; 64])?;
    Ok(errno::SUCCESS)
}
