//! Load, made by `wrk`: connections that stay open, each with its next request as soon as the last one
//! is answered. It takes little of the processor that the server needs.

use std::io::Write;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::super::child::ChildProcess;
use super::super::folder::Folder;
use crate::cli::Failure;

const PROGRAM: &str = "wrk";
const SCRIPT: &str = include_str!("load.lua");

/// Of 4, 16 and 64 none made `wasmtime serve` faster, or its CPU time for a request shorter.
const CONNECTIONS: &str = "-c16";

const WARM_UP_S: u64 = 1;
const LOAD_S: u64 = 3;

/// What `wrk` may take beyond that.
const SPARE: Duration = Duration::from_secs(30);

/// # Errors
/// When there is no `wrk` on PATH.
pub fn check_is_there() -> Result<(), Failure> {
    let asked = Command::new(PROGRAM).arg("-v").output();
    asked.map(drop).map_err(|e| {
        Failure::usage(format!(
            "--wasmtime-serve needs `{PROGRAM}` on PATH: {e}; Debian's package `wrk` has it"
        ))
    })
}

/// Requests a second that were answered well.
///
/// # Errors
/// When one was not.
pub fn requests_per_s(server: SocketAddr, events: &[Box<str>], folder: &Folder) -> Result<f64, Failure> {
    let unwritable = |e: std::io::Error| Failure::work(format!("cannot write what `{PROGRAM}` needs: {e}"));
    let (script, lines) = (folder.file("load.lua"), folder.file("requests.ndjson"));
    std::fs::write(&script, SCRIPT).map_err(unwritable)?;
    let mut file = std::fs::File::create(&lines).map_err(unwritable)?;
    file.write_all(events.join("\n").as_bytes()).map_err(unwritable)?;
    let run = |seconds: u64| -> Result<f64, Failure> {
        let mut command = Command::new(PROGRAM);
        command
            .args(["-t1", CONNECTIONS, &format!("-d{seconds}s"), "-s"])
            .arg(&script)
            .arg(format!("http://{server}/"))
            .arg("--")
            .arg(&lines)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let told = ChildProcess::start(command, PROGRAM)?.printed(Duration::from_secs(seconds) + SPARE)?;
        rate_in(&told).map_err(|reason| Failure::work(format!("`{PROGRAM}` on the rival: {reason}")))
    };
    run(WARM_UP_S)?;
    run(LOAD_S)
}

/// The rate in the text that `wrk` prints; refused when some requests were answered badly or not at all.
fn rate_in(told: &str) -> Result<f64, String> {
    let after = |name: &str| told.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim);
    for bad in ["Non-2xx or 3xx responses:", "Socket errors:"] {
        if let Some(count) = after(bad) {
            return Err(format!("{bad} {count}"));
        }
    }
    let rate = after("Requests/sec:").and_then(|rate| rate.parse().ok());
    rate.filter(|rate| *rate > 0.0).ok_or_else(|| "it told no rate".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "\
Running 3s test @ http://127.0.0.1:8080/
  1 threads and 16 connections
  24312 requests in 3.00s, 4.61MB read
Requests/sec:   8103.55
Transfer/sec:      1.54MB
";

    #[test]
    fn the_rate_is_read() {
        assert_eq!(rate_in(TOLD), Ok(8103.55));
        assert!(rate_in("unable to connect").is_err());
        assert!(rate_in("Requests/sec:  0.00").is_err());
    }

    #[test]
    fn a_rate_with_bad_answers_in_it_is_none() {
        let refused = format!("{TOLD}  Non-2xx or 3xx responses: 3\n");
        assert_eq!(rate_in(&refused), Err("Non-2xx or 3xx responses: 3".into()));
        let broken = format!("  Socket errors: connect 0, read 9, write 0, timeout 0\n{TOLD}");
        assert!(rate_in(&broken).is_err());
    }
}
