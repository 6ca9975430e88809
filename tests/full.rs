//! A disk without room: a clear word, nothing accepted lost, and on it goes once there is room.

use std::process::Command;

use crate::support::{Dir, Evq, evq, good, guest, many};

/// A file system of some megabytes, mounted in a test's folder; `None` where mounting is not ours.
struct SmallDisk<'a>(&'a Dir);

impl<'a> SmallDisk<'a> {
    fn mount(dir: &'a Dir) -> Option<Self> {
        std::fs::create_dir(dir.file("small")).unwrap();
        let disk = SmallDisk(dir);
        disk.call("mount", &["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).then_some(disk)
    }

    fn grow(&self) {
        assert!(self.call("mount", &["-o", "remount,size=64m"]));
    }

    fn call(&self, program: &str, args: &[&str]) -> bool {
        let output = Command::new(program).args(args).arg(self.0.file("small")).output();
        output.is_ok_and(|output| output.status.success())
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        self.call("umount", &[]);
    }
}

#[test]
fn a_full_disk_is_told_and_nothing_accepted_is_lost() {
    let dir = Dir::new();
    let Some(disk) = SmallDisk::mount(&dir) else {
        println!("left out: no file system can be mounted here");
        return;
    };
    dir.events(many(40_000));
    std::os::unix::fs::symlink("small/evq.db", dir.file("evq.db")).unwrap();
    let full = evq(["run", &guest("counts"), "events.ndjson", "--db", "small/evq.db", "--quiet"]).in_(&dir);
    full.assert_refused(3, &["small/evq.db has no room left", "free disk space and run again"]);
    let accepted = dir.count("event");
    assert!(0 < accepted && accepted < 40_000);
    disk.grow();
    evq(["run", &guest("counts"), "--db", "small/evq.db"]).in_(&dir).assert_code(0);
    assert_eq!(dir.count("results WHERE status = 'ok'"), accepted);
    evq(["run", &guest("counts"), "events.ndjson", "--db", "small/evq.db"]).in_(&dir).assert_code(0);
    assert_eq!(dir.count("results WHERE status = 'ok'"), 40_000);
    dir.assert_sound();
}

/// A write that fails for another reason than room: the shell bounds the size of every file.
#[test]
fn a_failed_write_is_told_and_nothing_accepted_is_lost() {
    let dir = Dir::new();
    dir.events(many(40_000));
    let run = format!("{} run {} events.ndjson --quiet", env!("CARGO_BIN_EXE_wasm-evq"), guest("counts"));
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("trap '' XFSZ; ulimit -f 4000; exec {run}")]);
    Evq::of(shell).in_(&dir).assert_refused(3, &["evq.db"]);
    let accepted = dir.count("event");
    evq(["run", &guest("counts")]).in_(&dir).assert_code(0);
    assert_eq!(dir.count("results WHERE status = 'ok'"), accepted);
    dir.assert_sound();
}

#[test]
fn a_database_that_may_not_be_written_is_told() {
    let dir = Dir::new();
    evq(["run", &guest("counts")]).stdin(good(1)).in_(&dir).assert_code(0);
    std::fs::create_dir(dir.file("other.db")).unwrap();
    let typed = evq(["run", &guest("counts"), "--db", "other.db"]);
    typed.in_(&dir).assert_refused(3, &["other.db"]);
}
