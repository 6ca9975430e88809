//! How a command ended and what it said.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use serde::Deserialize;

#[derive(Debug)]
pub struct Output {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

/// What `run --json` prints: these keys, all of them and no others.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    pub read: u64,
    pub enqueued: u64,
    pub duplicates: u64,
    pub rejected: u64,
    pub ok: u64,
    pub dead: u64,
    pub attempts: u64,
    pub elapsed_ms: u64,
    pub events_per_s: u64,
}

impl Output {
    pub fn new(status: ExitStatus, stdout: String, stderr: String) -> Self {
        Output { status, stdout, stderr }
    }

    #[track_caller]
    pub fn assert_code(self, code: i32) -> Self {
        let signal = self.status.signal();
        assert_eq!(self.status.code(), Some(code), "signal {signal:?}\n{}\n{}", self.stdout, self.stderr);
        self
    }

    pub fn stdout(&self) -> &str {
        &self.stdout
    }

    pub fn stderr(&self) -> &str {
        &self.stderr
    }

    #[track_caller]
    pub fn summary(&self) -> Summary {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", self.stdout, self.stderr))
    }

    /// Each line of standard output as JSON.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// A refusal as every one must be: this exit code, nothing on standard output, and one line
    /// that says these things.
    #[track_caller]
    pub fn assert_refused(self, code: i32, parts: &[&str]) {
        let refused = self.assert_code(code);
        assert_eq!(refused.stdout, "");
        let line = refused.stderr.strip_suffix('\n').unwrap_or_default();
        assert!(line.starts_with("wasm-evq: ") && !line.contains('\n'), "not one line: {:?}", refused.stderr);
        for part in parts {
            assert!(line.contains(part), "no {part:?} in: {line}");
        }
    }
}
