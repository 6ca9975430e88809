//! The program itself: its name, its environment, its random numbers and its end.

use wasmtime::Linker;

use super::memory::{write, write_u32};
use super::{Guest, IMPORTS, errno};
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::guest_memory::slice;
use crate::sandbox::wasi::Exit;

const POINTER_BYTES: u32 = 4;

pub fn link(linker: &mut Linker<AttemptState>) -> wasmtime::Result<()> {
    linker
        .func_wrap(IMPORTS, "args_sizes_get", args_sizes_get)?
        .func_wrap(IMPORTS, "args_get", args_get)?
        .func_wrap(IMPORTS, "environ_sizes_get", environ_sizes_get)?
        .func_wrap(IMPORTS, "environ_get", environ_get)?
        .func_wrap(IMPORTS, "random_get", random_get)?
        .func_wrap(IMPORTS, "proc_exit", |code: i32| -> wasmtime::Result<()> {
            Err(Exit(code.cast_unsigned()).into())
        })?;
    Ok(())
}

/// One argument, as programs expect: the handler's name.
fn args_sizes_get(mut guest: Guest<'_>, count: i32, bytes: i32) -> wasmtime::Result<i32> {
    let len = guest.data().handler.len() as u32 + 1;
    write_u32(&mut guest, "args_sizes_get", count, 1)?;
    write_u32(&mut guest, "args_sizes_get", bytes, len)?;
    Ok(errno::SUCCESS)
}

fn args_get(mut guest: Guest<'_>, pointers: i32, text: i32) -> wasmtime::Result<i32> {
    let name = [guest.data().handler.as_bytes(), b"\0"].concat();
    write_u32(&mut guest, "args_get", pointers, text.cast_unsigned())?;
    write(&mut guest, "args_get", text, &name)?;
    Ok(errno::SUCCESS)
}

fn environ_sizes_get(mut guest: Guest<'_>, count: i32, bytes: i32) -> wasmtime::Result<i32> {
    let environment = &guest.data().grants.environment;
    // Grants are bounded. A line has two characters more than the name and the value.
    let names = environment.iter().count() as u32;
    let len = environment.len_bytes() as u32 + 2 * names;
    write_u32(&mut guest, "environ_sizes_get", count, names)?;
    write_u32(&mut guest, "environ_sizes_get", bytes, len)?;
    Ok(errno::SUCCESS)
}

fn environ_get(mut guest: Guest<'_>, pointers: i32, text: i32) -> wasmtime::Result<i32> {
    let grants = guest.data().grants.clone();
    let (mut pointer, mut place) = (pointers, text);
    for (name, text) in grants.environment.iter() {
        let line = line(name, text);
        write_u32(&mut guest, "environ_get", pointer, place.cast_unsigned())?;
        write(&mut guest, "environ_get", place, &line)?;
        pointer = pointer.wrapping_add_unsigned(POINTER_BYTES);
        place = place.wrapping_add_unsigned(line.len() as u32);
    }
    Ok(errno::SUCCESS)
}

/// A value as C programs have it.
fn line(name: &str, text: &str) -> Vec<u8> {
    [name, "=", text, "\0"].concat().into_bytes()
}

fn random_get(mut guest: Guest<'_>, ptr: i32, len: i32) -> wasmtime::Result<i32> {
    let (target, state) = slice(&mut guest, "random_get", ptr, len)?;
    state.fill_random(target);
    Ok(errno::SUCCESS)
}
