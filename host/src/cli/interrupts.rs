//! Ctrl-C, and what a supervisor sends: once for an orderly end, twice for an end at once.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// 128 and the number of SIGINT, as shells say it.
pub const INTERRUPTED: u8 = 130;

pub struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupts {
    pub fn catch() -> std::io::Result<Self> {
        Ok(Interrupts {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

pub fn say_stopping() {
    eprintln!("wasm-evq: stopping: what runs is finished and recorded; once more to stop at once");
}

/// Leases end with the process; what they covered is run again.
pub fn end_at_once() -> ! {
    std::process::exit(i32::from(INTERRUPTED))
}
