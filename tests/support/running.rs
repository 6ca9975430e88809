//! A wasm-evq at work: its pipes, its signals, its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::wait::until_within;
use super::{BOUND, Output};

/// A process that ends with the test, whatever happens.
pub struct Running {
    child: Child,
    stdout: Lines,
    stderr: Lines,
}

impl Running {
    pub fn of(mut child: Child) -> Self {
        // A process that writes to nobody has nothing to be read.
        let stdout = child.stdout.take().map_or_else(|| Lines::of(std::io::empty()), Lines::of);
        let stderr = Lines::of(child.stderr.take().unwrap());
        Running { child, stdout, stderr }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Writes to its standard input. A process that wants no more of it is not this call's concern.
    pub fn write(&mut self, bytes: &[u8]) {
        let stdin = self.child.stdin.as_mut().expect("standard input is closed already");
        let _ = stdin.write_all(bytes).and_then(|()| stdin.flush());
    }

    pub fn close_stdin(&mut self) {
        drop(self.child.stdin.take());
    }

    /// The next line on its standard output.
    pub fn line(&mut self) -> String {
        self.stdout.next().unwrap_or_else(|| panic!("no further line, but {}", self.stderr.rest()))
    }

    /// The next line on its standard output, if one comes by then.
    pub fn line_by(&mut self, moment: Instant) -> Option<String> {
        self.stdout.next_within(moment.saturating_duration_since(Instant::now()))
    }

    /// Waits for a line on its standard error that holds `text`; returns it.
    pub fn says(&mut self, text: &str) -> String {
        while let Some(line) = self.stderr.next() {
            if line.contains(text) {
                return line;
            }
        }
        panic!("never said {text:?}");
    }

    /// Sends a signal by its name, such as INT.
    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// SIGKILL: no handler, no destructor, no flush.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// As [`Running::kill`]; returns the whole lines that it had still written to its standard output.
    pub fn kill_and_hear(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let lines = std::iter::from_fn(|| self.stdout.next());
        lines.filter(|line| line.ends_with('\n')).collect()
    }

    /// Closes its standard input and waits for its end.
    pub fn wait(self) -> Output {
        self.wait_within(BOUND)
    }

    pub fn wait_within(mut self, bound: Duration) -> Output {
        self.close_stdin();
        let child = &mut self.child;
        let status = until_within(bound, "the process ends", || child.try_wait().unwrap());
        Output::new(status, self.stdout.rest(), self.stderr.rest())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A stream's lines, read as they come so that the writer never waits for us.
struct Lines {
    /// Behind a lock, so that a test can speak to the process from several threads.
    lines: Mutex<Receiver<String>>,
    seen: String,
}

impl Lines {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let (to_test, lines) = channel();
        std::thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
                // The test may have seen enough.
                let _ = to_test.send(String::from_utf8_lossy(&line).into_owned());
                line.clear();
            }
        });
        Lines { lines: Mutex::new(lines), seen: String::new() }
    }

    /// The next line; `None` at the end, or when none comes.
    fn next(&mut self) -> Option<String> {
        self.next_within(BOUND)
    }

    fn next_within(&mut self, wait: Duration) -> Option<String> {
        let line = self.lines.get_mut().unwrap().recv_timeout(wait).ok()?;
        self.seen.push_str(&line);
        Some(line)
    }

    /// All of it, to the end, with what was read before.
    fn rest(&mut self) -> String {
        while self.next().is_some() {}
        std::mem::take(&mut self.seen)
    }
}
