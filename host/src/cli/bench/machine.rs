//! The machine under the figures: without it they mean nothing.

use std::fs::File;
use std::io::{Result, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Instant;

use super::figures::percentile;
use crate::store::sqlite::sqlite_version;

const FSYNCS: usize = 200;

/// What the figures were measured on, and what was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    pub cores: usize,
    pub cpu: String,
    pub os: String,
    pub version: &'static str,
    /// The commit this program was built from, where the build said so.
    pub commit: Option<&'static str>,
    pub engine: String,
    pub sqlite: &'static str,
}

impl Machine {
    pub fn here(cores: usize, engine: String) -> Self {
        Machine {
            cores,
            cpu: cpu_model().unwrap_or_else(|| std::env::consts::ARCH.into()),
            os: std::env::consts::OS.into(),
            version: env!("CARGO_PKG_VERSION"),
            commit: option_env!("WASM_EVQ_COMMIT"),
            engine,
            sqlite: sqlite_version(),
        }
    }
}

fn cpu_model() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The time in ms that 4 KiB take to this disk: written over in place and fdatasynced, the median.
pub fn fsync_ms(folder: &Path) -> Result<f64> {
    let mut file = File::create(folder.join("fsync"))?;
    let block = [0x5A; 4096];
    let mut times_ms = Vec::with_capacity(FSYNCS);
    file.write_all(&block)?;
    file.sync_all()?;
    for _ in 0..FSYNCS {
        let started = Instant::now();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&block)?;
        file.sync_data()?;
        times_ms.push(started.elapsed().as_secs_f64() * 1e3);
    }
    Ok(percentile(&times_ms, 0.5))
}
