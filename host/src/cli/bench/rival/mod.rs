//! `wasmtime serve` beside us: the same handler as an HTTP component, an instance for each request,
//! nothing stored. `tests/peers/` makes the component.

mod http;
mod load;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::child::ChildProcess;
use super::subject::{Subject, first_attempt};
use crate::cli::Failure;
use crate::event::{Output, Verdict};

const PROGRAM: &str = "wasmtime";

/// It compiles the component first.
const READY: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);

/// Events sent to it, over and over: none of them is known to it after its request.
const EVENTS_MAX: usize = 10_000;

/// The rival, found and ready to be started.
pub struct WasmtimeServe {
    component: PathBuf,
    /// As it tells it itself.
    pub version: String,
}

impl WasmtimeServe {
    /// # Errors
    /// When there is no such component, or a program that is needed is not on PATH.
    pub fn find(component: &Path) -> Result<Self, Failure> {
        if !component.is_file() {
            let name = component.display();
            return Err(Failure::usage(format!(
                "--wasmtime-serve {name} is no file; tests/peers/build makes one"
            )));
        }
        load::check_is_there()?;
        let asked = Command::new(PROGRAM).arg("--version").output();
        let version = asked.map_err(|e| {
            Failure::usage(format!(
                "--wasmtime-serve needs `{PROGRAM}` on PATH: {e}, as tests/peers/build installs it"
            ))
        })?;
        let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
        Ok(WasmtimeServe { component: component.to_owned(), version })
    }

    /// Requests a second, an event each.
    pub fn requests_per_s(&self, subject: &Subject) -> Result<f64, Failure> {
        let server = Server::start(&self.component)?;
        let events = &subject.workload.sample;
        if let Some(event) = events.first() {
            server.check_its_answer(subject, event)?;
        }
        load::requests_per_s(server.address, &events[..events.len().min(EVENTS_MAX)], &subject.folder)
    }
}

struct Server {
    address: SocketAddr,
    _process: ChildProcess,
}

impl Server {
    fn start(component: &Path) -> Result<Self, Failure> {
        let address =
            free_address().map_err(|e| Failure::work(format!("no port to serve on at 127.0.0.1: {e}")))?;
        let mut command = Command::new(PROGRAM);
        // Its defaults are its best: it pools instances, and resident pages or tables saved it nothing.
        command
            .arg("serve")
            .args(["--addr", &address.to_string()])
            .arg(component)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut process = ChildProcess::start(command, "wasmtime serve")?;
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if process.has_ended() || started.elapsed() > READY {
                let component = component.display();
                return Err(Failure::work(format!("`wasmtime serve {component}` does not serve")));
            }
            std::thread::sleep(LOOK);
        }
        Ok(Server { address, _process: process })
    }

    /// What answers otherwise is no rival: it does something else.
    fn check_its_answer(&self, subject: &Subject, event: &str) -> Result<(), Failure> {
        let verdict = subject.handler.invoke(first_attempt(event.into())).report.verdict;
        let Verdict::Ok { output: Output::Json(wanted), .. } = verdict else {
            return Err(Failure::usage(
                "--wasmtime-serve: the handler has no JSON to answer the first event",
            ));
        };
        let answer = http::post(self.address, event)
            .map_err(|e| Failure::work(format!("`wasmtime serve` does not answer: {e}")))?;
        if !answer.ends_with(&*wanted) {
            return Err(Failure::usage(format!(
                "--wasmtime-serve: the component answers the first event with {answer:?}, the handler with \
                 {wanted}; they must do the same"
            )));
        }
        Ok(())
    }
}

/// Free until somebody else takes it; then the rival ends, and says why.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind(("127.0.0.1", 0))?.local_addr()
}
