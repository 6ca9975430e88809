//! Handlers made again from what is recorded of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::ReplayError;
use super::reason::Reason;
use crate::limits::{COMPILE_TIME_MAX, Limits};
use crate::sandbox::{Allocation, Handler, Sandbox, SandboxConfig};
use crate::store::{Inspect, ModuleId, RecordedModule};

/// Handlers kept loaded. A database with more modules has them loaded again and again, from the cache.
const LOADED_MAX: usize = 16;

/// A second run may take so many times the wall-clock time of the first: it is not what is compared, and
/// memory mapped for every instance is slow.
const WALL_CLOCK_TIMES: u32 = 10;

/// What handlers are made on.
#[derive(Debug, Clone)]
pub struct Ground {
    pub allocation: Allocation,
    pub slots: u32,
    pub cache_dir: Option<PathBuf>,
}

/// Why a module's attempts cannot be compared, with the details.
pub type Refusal = (Reason, String);

pub struct Modules<'i> {
    inspect: &'i dyn Inspect,
    ground: Ground,
    recorded: BTreeMap<ModuleId, RecordedModule>,
    loaded: BTreeMap<ModuleId, Result<Handler, Refusal>>,
}

impl<'i> Modules<'i> {
    pub fn of(inspect: &'i dyn Inspect, ground: Ground) -> Result<Self, ReplayError> {
        let mut modules = Modules { inspect, ground, recorded: BTreeMap::new(), loaded: BTreeMap::new() };
        modules.look_again()?;
        Ok(modules)
    }

    fn look_again(&mut self) -> Result<(), ReplayError> {
        self.recorded = self.inspect.modules()?.into_iter().map(|module| (module.id, module)).collect();
        Ok(())
    }

    /// The largest stack that any of the modules may use.
    pub fn stack_bytes_max(&self) -> u64 {
        let limits = self.recorded.values().filter_map(|module| module.limits);
        limits.map(|limits| limits.stack_bytes_max).max().unwrap_or_default()
    }

    /// The handler that a module was, or why there is none.
    pub fn handler(&mut self, id: ModuleId) -> Result<Result<Handler, Refusal>, ReplayError> {
        if !self.loaded.contains_key(&id) {
            if self.loaded.len() >= LOADED_MAX {
                self.loaded.clear();
            }
            let handler = self.load(id)?;
            self.loaded.insert(id, handler);
        }
        Ok(self.loaded[&id].clone())
    }

    fn load(&mut self, id: ModuleId) -> Result<Result<Handler, Refusal>, ReplayError> {
        if !self.recorded.contains_key(&id) {
            // Another process has registered it since.
            self.look_again()?;
        }
        let Some(module) = self.recorded.get(&id) else {
            return Ok(Err((Reason::ModuleMissing, format!("there is no module {}", id.0))));
        };
        let Some(limits) = module.limits else { return Ok(Err((Reason::LimitsUnknown, String::new()))) };
        let secrets: Vec<&str> = module.grants.secrets().collect();
        if !secrets.is_empty() {
            return Ok(Err((Reason::SecretNotRecorded, secrets.join(", "))));
        }
        let sha256 = hex::encode(module.sha256);
        let Some(bytes) = self.inspect.module_bytes(&module.sha256)? else {
            let cure = "`wasm-evq run` with that file keeps them";
            return Ok(Err((Reason::ModuleMissing, format!("no bytes for sha256 {sha256}; {cure}"))));
        };
        if Sha256::digest(&bytes)[..] != module.sha256 {
            return Ok(Err((Reason::ModuleDamaged, format!("sha256 {sha256}"))));
        }
        Ok(self.ground.load(module, limits, bytes))
    }
}

/// The wall-clock time that a second run may take.
pub fn wall_clock_max(limits: Limits) -> Duration {
    limits.wall_clock_max.saturating_mul(WALL_CLOCK_TIMES)
}

impl Ground {
    fn load(&self, module: &RecordedModule, limits: Limits, bytes: Vec<u8>) -> Result<Handler, Refusal> {
        let unusable = |text: String| (Reason::ModuleUnusable, text);
        let sandbox = self.sandbox(limits).map_err(unusable)?;
        let engine = sandbox.fingerprint();
        if *engine != *module.engine {
            return Err((Reason::OtherEngine, format!("{}, and this is {engine}", module.engine)));
        }
        let origin = format!("the recorded module {}", hex::encode(module.sha256));
        let handler = sandbox.load_bytes(&module.handler, Path::new(&origin), bytes.into());
        let granted = |handler: Handler| handler.granted(module.grants.without_secrets());
        handler.map(granted).map_err(|error| unusable(error.to_string()))
    }

    fn sandbox(&self, limits: Limits) -> Result<Sandbox, String> {
        let wall_clock_max = wall_clock_max(limits);
        let config = SandboxConfig {
            limits: Limits { wall_clock_max, ..limits },
            slots: self.slots,
            compile_time_max: COMPILE_TIME_MAX,
            cache_dir: self.cache_dir.clone(),
            allocation: self.allocation,
        };
        Sandbox::new(&config).map_err(|error| error.to_string())
    }
}
