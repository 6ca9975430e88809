//! A command line of wasm-evq, to be run in a folder.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Dir, Output, Running};

/// A command that was typed and not yet run.
pub struct Evq {
    command: Command,
    stdin: Vec<u8>,
}

/// Types `wasm-evq` with these arguments.
pub fn evq(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Evq {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasm-evq"));
    command.args(args);
    Evq::of(command)
}

impl Evq {
    /// Another program, such as a shell that starts ours.
    pub fn of(mut command: Command) -> Self {
        // Compiled guests are kept for the next test, and the user's own cache is left alone.
        command.env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Evq { command, stdin: Vec::new() }
    }

    pub fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Its standard output is a pipe that nobody reads any more.
    pub fn stdout_to_nobody(mut self) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        self.command.stdout(writer);
        self
    }

    /// What is piped in; nothing unless given.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Runs it to its end.
    pub fn in_(self, dir: &Dir) -> Output {
        let stdin = self.stdin.clone();
        let mut running = self.start_in(dir);
        running.write(&stdin);
        running.wait()
    }

    /// Starts it, with a pipe to its standard input that is open until closed.
    pub fn start_in(mut self, dir: &Dir) -> Running {
        self.command.current_dir(dir.path()).stdin(Stdio::piped());
        Running::of(self.command.spawn().unwrap())
    }
}
