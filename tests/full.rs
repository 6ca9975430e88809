//! A disk without room: a clear word, nothing accepted lost, what was accepted is settled, and on it goes
//! once there is room.

use std::process::Command;

use crate::support::{Dir, Evq, Served, evq, good, guest, many, saying, serve, until};

/// A file system of some megabytes, with the database of a test on it; `None` where mounting is not ours.
struct SmallDisk<'a>(&'a Dir);

impl<'a> SmallDisk<'a> {
    fn mount(dir: &'a Dir) -> Option<Self> {
        std::fs::create_dir(dir.file("small")).unwrap();
        let disk = SmallDisk(dir);
        if !disk.call("mount", &["-t", "tmpfs", "-o", "size=36m", "tmpfs"]) {
            println!("left out: no file system can be mounted here");
            return None;
        }
        std::os::unix::fs::symlink("small/evq.db", dir.file("evq.db")).unwrap();
        Some(disk)
    }

    fn grow(&self) {
        assert!(self.call("mount", &["-o", "remount,size=256m"]));
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

const WORDS: [&str; 3] = [
    "small/evq.db has no room left for events",
    "16777216 are kept to settle",
    "free disk space and run again",
];

/// Events of which the small disk holds some.
fn large(n: u32) -> String {
    saying(n, &format!(".{}", "x".repeat(600)))
}

#[test]
fn a_full_disk_takes_no_more_events_and_settles_those_it_has() {
    let dir = Dir::new();
    let Some(disk) = SmallDisk::mount(&dir) else { return };
    dir.events((0..40_000).map(large));
    let run = || evq(["run", &guest("counts"), "events.ndjson", "--db", "small/evq.db", "--quiet"]);
    run().in_(&dir).assert_refused(3, &WORDS);
    let accepted = dir.count("event");
    assert!(0 < accepted && accepted < 40_000, "{accepted} accepted");
    assert_eq!(dir.count("results WHERE status = 'ok'"), accepted);
    dir.assert_sound();
    disk.grow();
    run().in_(&dir).assert_code(0);
    assert_eq!(dir.count("results WHERE status = 'ok'"), 40_000);
    dir.assert_sound();
}

/// Posts events until they are refused; returns how many were accepted.
fn fill(served: &Served, refusals: &[&str]) -> u32 {
    let batch = [("content-type", "application/cloudevents-batch+json")];
    for first in (0..40_000).step_by(500) {
        let events: Vec<String> = (first..first + 500).map(large).collect();
        let answer = served.post("/events", &batch, format!("[{}]", events.join(",")));
        if answer.status != 202 {
            answer.assert_problem(503, "disk-full", refusals);
            return first;
        }
    }
    panic!("the disk was never full");
}

#[test]
fn a_server_on_a_full_disk_refuses_and_goes_on_when_there_is_room() {
    let dir = Dir::new();
    let Some(disk) = SmallDisk::mount(&dir) else { return };
    let served = serve(&dir, "counts", &["--db", "small/evq.db", "--min-free-disk", "0B"]);
    let accepted = fill(&served, &["no room left", "nothing was accepted"]);
    assert!(accepted > 0);
    until("what was accepted is settled", || (dir.count("pending") == 0).then_some(()));
    assert_eq!(dir.count("results WHERE status = 'ok'"), u64::from(accepted));
    disk.grow();
    served.post_event("/events", good("later")).assert_status(202);
    until("the later one is settled", || (dir.count("pending") == 0).then_some(()));
    served.stop().assert_code(0);
    assert_eq!(dir.count("results WHERE status = 'ok'"), u64::from(accepted) + 1);
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
