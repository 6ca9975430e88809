//! `wasm-evq run` in a process of its own: what cannot be seen from inside one.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::subject::{NAME, Subject};
use crate::cli::Failure;

/// A child's end is seen this late at most.
const LOOK: Duration = Duration::from_micros(200);

/// Codes that mean the work was done: all well, or some events ended dead.
const DONE: [Option<i32>; 2] = [Some(0), Some(1)];

pub struct RunChild {
    child: Child,
    started: Instant,
}

impl RunChild {
    /// Starts `run` with the bench's handler on a file of events, or `-` for a pipe that stays
    /// open and empty.
    pub fn start(subject: &Subject, events: &Path, db: &Path) -> Result<Self, Failure> {
        let refused = |e: std::io::Error| Failure::work(format!("cannot start this program again: {e}"));
        let mut command = Command::new(std::env::current_exe().map_err(refused)?);
        command
            .arg("run")
            .args([subject.handler_file.as_path(), events])
            .arg("--db")
            .arg(db)
            .args(["--name", NAME, "--max-attempts", "1", "--no-wait", "--quiet"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let started = Instant::now();
        Ok(RunChild { child: command.spawn().map_err(refused)?, started })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end, looking at the child by `each_look` while it runs; tells how long it ran.
    ///
    /// # Errors
    /// When it did not do its work, or not in this time; then it is ended.
    pub fn wait(mut self, limit: Duration, mut each_look: impl FnMut(u32)) -> Result<Duration, Failure> {
        loop {
            let ended = self.child.try_wait().map_err(|e| Failure::work(format!("lost a child: {e}")))?;
            if let Some(status) = ended {
                return match DONE.contains(&status.code()) {
                    true => Ok(self.started.elapsed()),
                    false => Err(Failure::work(format!("`wasm-evq run` in a process of its own: {status}"))),
                };
            }
            if self.started.elapsed() > limit {
                let limit = limit.as_secs();
                return Err(Failure::work(format!("`wasm-evq run` was not done after {limit} s")));
            }
            each_look(self.pid());
            std::thread::sleep(LOOK);
        }
    }
}

impl Drop for RunChild {
    fn drop(&mut self) {
        // Both fail when it has ended already, which is the usual case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
