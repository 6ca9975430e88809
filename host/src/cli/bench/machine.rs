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

/// A file whose one block is written over and over.
pub struct FsyncProbe {
    file: File,
    block: [u8; 4096],
}

impl FsyncProbe {
    pub fn make_in(folder: &Path) -> Result<Self> {
        let mut probe = FsyncProbe { file: File::create(folder.join("fsync"))?, block: [0x5A; 4096] };
        probe.file.write_all(&probe.block)?;
        probe.file.sync_all()?;
        Ok(probe)
    }

    /// The time in ms that 4 KiB take to this disk: written over in place and fdatasynced.
    pub fn once_ms(&mut self) -> Result<f64> {
        let started = Instant::now();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&self.block)?;
        self.file.sync_data()?;
        Ok(started.elapsed().as_secs_f64() * 1e3)
    }
}

/// The median of many.
pub fn fsync_ms(folder: &Path) -> Result<f64> {
    let mut probe = FsyncProbe::make_in(folder)?;
    let times_ms: Vec<f64> = (0..FSYNCS).map(|_| probe.once_ms()).collect::<Result<_>>()?;
    Ok(percentile(&times_ms, 0.5))
}
