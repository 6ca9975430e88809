//! Files, sockets and signals: there for programs that are linked to them, of no use without a grant.

use wasmtime::{Linker, Val};

use super::stdio::is_stream;
use super::{IMPORTS, errno};
use crate::sandbox::abi::core_module::signature;
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::wasi::Grant;

pub fn link(linker: &mut Linker<AttemptState>) -> wasmtime::Result<()> {
    for (name, params) in OF_AN_OPEN_FILE {
        answer(linker, name, params, |_| errno::BADF)?;
    }
    for (name, params) in AT_A_PLACE {
        answer(linker, name, params, |fd| if is_stream(fd) { errno::SPIPE } else { errno::BADF })?;
    }
    answer(linker, "proc_raise", "i", |_| errno::NOSYS)?;
    deny(linker, Grant::Files, &OF_PATHS)?;
    deny(linker, Grant::Sockets, &OF_SOCKETS)
}

/// Nothing is open but the streams, which know none of this. The first two are how programs look for
/// directories that they were given: there are none.
const OF_AN_OPEN_FILE: [(&str, &str); 10] = [
    ("fd_prestat_get", "ii"),
    ("fd_prestat_dir_name", "iii"),
    ("fd_advise", "illi"),
    ("fd_allocate", "ill"),
    ("fd_fdstat_set_rights", "ill"),
    ("fd_filestat_set_size", "il"),
    ("fd_filestat_set_times", "illi"),
    ("fd_readdir", "iiili"),
    ("fd_renumber", "ii"),
    ("sock_shutdown", "ii"),
];

/// Programs try these first on the streams too, and are told that a stream has no places.
const AT_A_PLACE: [(&str, &str); 2] = [("fd_pread", "iiili"), ("fd_pwrite", "iiili")];

const OF_PATHS: [(&str, &str); 10] = [
    ("path_create_directory", "iii"),
    ("path_filestat_get", "iiiii"),
    ("path_filestat_set_times", "iiiilli"),
    ("path_link", "iiiiiii"),
    ("path_open", "iiiiillii"),
    ("path_readlink", "iiiiii"),
    ("path_remove_directory", "iii"),
    ("path_rename", "iiiiii"),
    ("path_symlink", "iiiii"),
    ("path_unlink_file", "iii"),
];

const OF_SOCKETS: [(&str, &str); 3] =
    [("sock_accept", "iii"), ("sock_recv", "iiiiii"), ("sock_send", "iiiii")];

/// A function that answers by its first parameter, the file, alone.
fn answer(
    linker: &mut Linker<AttemptState>,
    name: &str,
    params: &str,
    answer: impl Fn(i32) -> i32 + Send + Sync + 'static,
) -> wasmtime::Result<()> {
    let type_ = signature(linker.engine(), params, "i");
    linker.func_new(IMPORTS, name, type_, move |_, params, results| {
        results[0] = Val::I32(answer(params[0].unwrap_i32()));
        Ok(())
    })?;
    Ok(())
}

fn deny(
    linker: &mut Linker<AttemptState>,
    grant: Grant,
    calls: &'static [(&str, &str)],
) -> wasmtime::Result<()> {
    for (name, params) in calls {
        let type_ = signature(linker.engine(), params, "i");
        linker.func_new(IMPORTS, name, type_, move |mut guest, _, results| {
            guest.data_mut().deny(grant, name)?;
            results[0] = Val::I32(errno::NOTCAPABLE);
            Ok(())
        })?;
    }
    Ok(())
}
