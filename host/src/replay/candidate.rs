//! The handler that might take another's place, with the limits and the grants of what it is held against.

use std::path::PathBuf;

use super::ReplayError;
use super::modules::Ground;
use crate::config::Overrides;
use crate::grants::RecordedGrants;
use crate::limits::Limits;
use crate::sandbox::{Handler, Sandbox, SandboxConfig};

/// Limits and grants for which it is kept loaded: a database has few.
const LOADED_MAX: usize = 16;

pub struct Candidate {
    path: PathBuf,
    /// The name of the handler whose place it takes: what it emits has this in its source.
    name: String,
    overrides: Overrides,
    ground: Ground,
    loaded: Vec<(Limits, RecordedGrants, Handler)>,
}

impl Candidate {
    pub fn new(path: PathBuf, name: String, overrides: Overrides, ground: Ground) -> Self {
        Candidate { path, name, overrides, ground, loaded: Vec::new() }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The candidate under these limits, but for those that were asked for, and with these grants.
    pub fn under(&mut self, recorded: Limits, grants: &RecordedGrants) -> Result<Handler, ReplayError> {
        let limits = self.overrides.limits_over(recorded)?;
        let is_this = |loaded: &&(Limits, RecordedGrants, Handler)| loaded.0 == limits && loaded.1 == *grants;
        if let Some((_, _, handler)) = self.loaded.iter().find(is_this) {
            return Ok(handler.clone());
        }
        if self.loaded.len() >= LOADED_MAX {
            self.loaded.clear();
        }
        let sandbox = Sandbox::new(&SandboxConfig {
            limits,
            slots: self.ground.slots,
            compile_time_max: self.overrides.compile_time_max()?,
            cache_dir: self.ground.cache_dir.clone(),
            allocation: self.ground.allocation,
        })?;
        let handler = sandbox.load(&self.name, &self.path)?.granted(grants.without_secrets());
        self.loaded.push((limits, grants.clone(), handler.clone()));
        Ok(handler)
    }
}
