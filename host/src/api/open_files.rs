//! How many connections the machine lets one process have: each is an open file, as are the database's.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::bounds::{CONNECTIONS_MAX, OWN_FILES_MAX};

/// Asks for as many open files as the bounds need; returns how many connections there is room for.
pub fn connections_max() -> usize {
    let wanted = (CONNECTIONS_MAX + OWN_FILES_MAX) as u64;
    let limit = getrlimit(Resource::Nofile);
    let given = limit.current.unwrap_or(u64::MAX);
    if given >= wanted {
        return CONNECTIONS_MAX;
    }
    let raised = limit.maximum.map_or(wanted, |maximum| wanted.min(maximum));
    let is_raised = setrlimit(Resource::Nofile, Rlimit { current: Some(raised), ..limit }).is_ok();
    room_for(if is_raised { raised } else { given })
}

/// A server without room still takes one connection after another.
fn room_for(files: u64) -> usize {
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    files.saturating_sub(OWN_FILES_MAX).clamp(1, CONNECTIONS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_for_the_process_itself_is_for_connections() {
        assert_eq!(room_for(u64::MAX), CONNECTIONS_MAX);
        assert_eq!(room_for(1024), 1024 - OWN_FILES_MAX);
        assert_eq!(room_for(10), 1);
    }
}
