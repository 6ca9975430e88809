//! A program in a process of its own: `wasm-evq run`, for what cannot be seen from inside one, and
//! what is measured beside it. Ended when it takes too long, and when it is dropped.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::subject::{NAME, Subject};
use crate::cli::Failure;

/// A child's end is seen this late at most.
const LOOK: Duration = Duration::from_micros(200);

/// Codes that mean the work was done: all well, or some events ended dead.
const DONE: [Option<i32>; 2] = [Some(0), Some(1)];

pub struct ChildProcess {
    child: Child,
    what: &'static str,
    started: Instant,
}

/// Starts `run` with the bench's handler on a file of events, or `-` for a pipe that stays open and
/// empty.
pub fn start_run(subject: &Subject, events: &Path, db: &Path) -> Result<ChildProcess, Failure> {
    let program = std::env::current_exe()
        .map_err(|e| Failure::work(format!("cannot start this program again: {e}")))?;
    let mut command = Command::new(program);
    command
        .arg("run")
        .args([subject.handler_file.as_path(), events])
        .arg("--db")
        .arg(db)
        .args(["--name", NAME, "--max-attempts", "1", "--no-wait", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    ChildProcess::start(command, "wasm-evq run")
}

impl ChildProcess {
    /// `what` names it in errors.
    pub fn start(mut command: Command, what: &'static str) -> Result<Self, Failure> {
        let started = Instant::now();
        let child = command.stderr(Stdio::null()).spawn();
        let child = child.map_err(|e| Failure::work(format!("cannot start `{what}`: {e}")))?;
        Ok(ChildProcess { child, what, started })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it runs no more.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for the end, looking at the child by `each_look` while it runs; tells how long it ran.
    ///
    /// # Errors
    /// When it did not do its work, or not in this time; then it is ended.
    pub fn wait(&mut self, limit: Duration, mut each_look: impl FnMut(u32)) -> Result<Duration, Failure> {
        let what = self.what;
        loop {
            let ended = self.child.try_wait().map_err(|e| Failure::work(format!("lost a child: {e}")))?;
            if let Some(status) = ended {
                return match DONE.contains(&status.code()) {
                    true => Ok(self.started.elapsed()),
                    false => Err(Failure::work(format!("`{what}` in a process of its own: {status}"))),
                };
            }
            if self.started.elapsed() > limit {
                let limit = limit.as_secs();
                return Err(Failure::work(format!("`{what}` was not done after {limit} s")));
            }
            each_look(self.pid());
            std::thread::sleep(LOOK);
        }
    }

    /// What it printed, when that was little enough to lie in the pipe until it had ended.
    pub fn printed(mut self, limit: Duration) -> Result<String, Failure> {
        self.wait(limit, |_| {})?;
        let mut text = String::new();
        if let Some(mut out) = self.child.stdout.take() {
            let what = self.what;
            out.read_to_string(&mut text)
                .map_err(|e| Failure::work(format!("cannot read what `{what}` printed: {e}")))?;
        }
        Ok(text)
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        // Both fail when it has ended already, which is the usual case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
