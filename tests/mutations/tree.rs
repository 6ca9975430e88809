//! A copy of this tree, in which faults can be planted and tests run.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A test of a mutated host that runs longer than this hangs.
const TEST_MAX: Duration = Duration::from_secs(120);

/// What a copy needs to compile and run tests.
const COPIED: [&str; 9] = [
    "Cargo.toml",
    "Cargo.lock",
    ".rustfmt.toml",
    ".clippy.toml",
    "README.md",
    "docs",
    "host",
    "guest-sdk",
    "tests",
];

/// What says that compiled crates are fresh. cargo and build scripts write into these files as they are, so
/// a link to them would make the original's crates stale.
const FRESHNESS: [&str; 2] = ["build", ".fingerprint"];

pub struct Tree {
    folder: TempDir,
}

/// How a test of a mutated host ended.
#[derive(Debug)]
pub enum Tested {
    Passed,
    Failed {
        after: Duration,
    },
    /// Whoever waits for it would not learn of the fault.
    Hung,
    NotCompiled {
        error: String,
    },
}

fn original() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Where this very test was compiled: `target/release/deps/mutations-...`.
fn compiled() -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned()
}

/// The one place in a file where a fault is planted, and what is planted there.
pub struct Fault<'a> {
    pub file: &'a str,
    pub find: &'a str,
    pub replace: &'a str,
}

impl Fault<'_> {
    pub fn assert_has_its_place(&self) {
        self.in_text(&fs::read_to_string(original().join(self.file)).unwrap());
    }

    fn in_text(&self, text: &str) -> String {
        let places = text.matches(self.find).count();
        assert_eq!(places, 1, "{} has this {places} times: {}", self.file, self.find);
        text.replace(self.find, self.replace)
    }
}

impl Tree {
    /// The copy lies beside the target folder, since compiled crates are linked rather than copied.
    pub fn copy() -> Self {
        let folder = tempfile::tempdir_in(compiled()).unwrap();
        for name in COPIED.map(|name| original().join(name)).iter().filter(|path| path.exists()) {
            copy(name, folder.path());
        }
        let target = folder.path().join("target/release");
        fs::create_dir_all(&target).unwrap();
        link(&compiled().join("deps"), &target);
        FRESHNESS.iter().for_each(|name| copy(&compiled().join(name), &target));
        Tree { folder }
    }

    /// As [`Tree::test`], with a fault planted. Only the copy is read, so nobody who writes in the
    /// original meanwhile mixes in.
    pub fn test_with(&self, fault: &Fault<'_>, test: &[String]) -> Tested {
        let path = self.folder.path().join(fault.file);
        let sound = fs::read_to_string(&path).unwrap();
        fs::write(&path, fault.in_text(&sound)).unwrap();
        let tested = self.test(test);
        fs::write(&path, sound).unwrap();
        tested
    }

    /// Compiles, which does not count, and runs these tests.
    pub fn test(&self, test: &[String]) -> Tested {
        let compiled = self.cargo(test).args(["--no-run"]).output().unwrap();
        if !compiled.status.success() {
            let text = String::from_utf8_lossy(&compiled.stderr);
            let error = text.lines().find(|line| line.starts_with("error")).unwrap_or("?");
            return Tested::NotCompiled { error: error.into() };
        }
        let begin = Instant::now();
        let mut quiet = self.cargo(test);
        // A group of its own, so that what hangs ends with all that it started.
        quiet.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let mut running = quiet.spawn().unwrap();
        match ended(&mut running) {
            Some(true) => Tested::Passed,
            Some(false) => Tested::Failed { after: begin.elapsed() },
            None => Tested::Hung,
        }
    }

    fn cargo(&self, test: &[String]) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(self.folder.path()).env("CARGO_TARGET_DIR", self.folder.path().join("target"));
        // The first walks find what there is to find, and the same ones find it again.
        cargo.env("EVQ_SIMULATED_OPERATIONS", "5000").env("EVQ_SEED", "1");
        // Compiling is what takes long here: after the first time only what a fault changes.
        cargo.env("CARGO_INCREMENTAL", "1");
        cargo.args(["--config", "profile.release.package.wasm-evq.opt-level=0"]);
        cargo.args(["test", "--release", "--offline", "-p", "wasm-evq"]).args(test);
        cargo
    }
}

/// Whether a test passed; `None` when it hung.
fn ended(running: &mut Child) -> Option<bool> {
    let begin = Instant::now();
    while begin.elapsed() < TEST_MAX {
        if let Some(status) = running.try_wait().unwrap() {
            return Some(status.success());
        }
        thread::sleep(Duration::from_millis(50));
    }
    run(Command::new("kill").args(["-s", "KILL", "--", &format!("-{}", running.id())]));
    running.wait().unwrap();
    None
}

fn copy(from: &Path, into: &Path) {
    run(Command::new("cp").arg("-a").args([from, into]));
}

fn link(from: &Path, into: &Path) {
    let how = if cfg!(target_os = "linux") { "-al" } else { "-a" };
    run(Command::new("cp").arg(how).args([from, into]));
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let program = command.get_program().to_string_lossy();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}
