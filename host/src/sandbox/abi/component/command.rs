//! A program for WASI 0.2: as one for WASI 0.1, with its streams as resources.

use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, Instance};

use crate::event::Verdict;
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::wasi::{Exit, verdict_of_exit};

pub fn call(
    instance: &Instance,
    entry: &ComponentExportIndex,
    store: &mut Store<AttemptState>,
) -> wasmtime::Result<Verdict> {
    let run = instance.get_typed_func::<(), (Result<(), ()>,)>(&mut *store, entry)?;
    let code = match run.call(&mut *store, ()) {
        Ok((status,)) => status.map_or(1, |()| 0),
        Err(error) => match error.downcast_ref::<Exit>() {
            Some(Exit(code)) => *code,
            None => return Err(error),
        },
    };
    Ok(verdict_of_exit(code, store.data_mut()))
}
