//! Whether a module's file has changed, and is whole: seen by name, never by its content.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

/// What of a file changes when it is written anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    inode: u64,
}

impl Stamp {
    /// `None` when there is no such file, as there may be for a moment.
    pub fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        Some(Stamp { modified: found.modified().ok(), bytes: found.len(), inode: found.ino() })
    }
}

/// Looks at a file from time to time.
#[derive(Debug)]
pub struct Watched {
    /// When it was last read.
    read: Option<Stamp>,
    /// At the last look.
    seen: Option<Stamp>,
}

impl Watched {
    /// A file that was read when it bore this stamp.
    pub fn since(read: Option<Stamp>) -> Self {
        Watched { read, seen: read }
    }

    /// Whether the file is to be read: it is another one, and was the same at the last look, so nobody is
    /// writing it.
    pub fn is_new_and_whole(&mut self, now: Option<Stamp>) -> bool {
        let is_still = now == std::mem::replace(&mut self.seen, now);
        now.is_some() && is_still && now != self.read
    }

    /// The file is being read, whatever comes of it.
    pub fn read_now(&mut self, now: Option<Stamp>) {
        self.read = now;
        self.seen = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(bytes: u64) -> Option<Stamp> {
        Some(Stamp { modified: None, bytes, inode: 1 })
    }

    #[test]
    fn a_file_is_read_once_it_has_stood_still_for_a_look() {
        let mut watched = Watched::since(stamp(1));
        assert!(!watched.is_new_and_whole(stamp(1)), "nothing has changed");
        assert!(!watched.is_new_and_whole(stamp(2)), "it may be written still");
        assert!(!watched.is_new_and_whole(stamp(3)), "it was");
        assert!(watched.is_new_and_whole(stamp(3)));
        watched.read_now(stamp(3));
        assert!(!watched.is_new_and_whole(stamp(3)), "a bad one is tried once");
    }

    #[test]
    fn a_file_that_is_gone_for_a_moment_is_waited_for() {
        let mut watched = Watched::since(stamp(1));
        assert!(!watched.is_new_and_whole(None));
        assert!(!watched.is_new_and_whole(None));
        assert!(!watched.is_new_and_whole(stamp(2)));
        assert!(watched.is_new_and_whole(stamp(2)));
    }
}
