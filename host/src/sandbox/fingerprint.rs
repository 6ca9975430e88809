//! Names what a figure depends on beside the module and the event.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::engine::{SandboxConfig, base, component_base, started, unusable};
use super::error::SandboxError;

/// The version of wasmtime that is linked in, which it does not tell.
const WASMTIME: &str = "48.0.8";

/// Wasmtime's version, the architecture, and a digest of the settings that decide what a module means
/// and how its fuel is counted. Where memory comes from is none of these, only whether the module's data is
/// copied into it, which costs fuel. Nor are the processor's extras: they make code faster, not different.
pub fn fingerprint(config: &SandboxConfig) -> Result<String, SandboxError> {
    let arch = std::env::consts::ARCH;
    let config = &SandboxConfig { cache_dir: None, ..config.clone() };
    let mut hasher = DefaultHasher::new();
    for mut settings in [base(config)?, component_base(config)?] {
        // With a target named, the processor at hand is not asked what it can do.
        settings.target(&format!("{arch}-unknown-linux-gnu")).map_err(unusable)?;
        started(&settings)?.precompile_compatibility_hash().hash(&mut hasher);
    }
    Ok(format!("wasmtime-{WASMTIME}-{arch}-{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{COMPILE_TIME_MAX, Limits};
    use crate::sandbox::{Allocation, Sandbox};

    #[test]
    fn the_version_is_the_one_that_is_linked() {
        let lock = include_str!("../../../Cargo.lock");
        assert!(lock.contains(&format!("name = \"wasmtime\"\nversion = \"{WASMTIME}\"\n")));
    }

    #[test]
    fn how_memory_is_had_and_what_is_allowed_are_no_part_of_it() {
        let of = |allocation, limits| {
            let config = SandboxConfig {
                limits,
                slots: 1,
                compile_time_max: COMPILE_TIME_MAX,
                cache_dir: None,
                allocation,
            };
            Sandbox::new(&config).unwrap().fingerprint()
        };
        let usual = of(Allocation::Resident, Limits::default());
        assert!(usual.starts_with("wasmtime-48."), "{usual}");
        assert_eq!(of(Allocation::Pooling, Limits::default()), usual);
        assert_eq!(of(Allocation::OnDemand, Limits::default()), usual);
        let small = Limits { memory_bytes_max: 1 << 20, stack_bytes_max: 1 << 17, ..Limits::default() };
        assert_eq!(of(Allocation::Resident, small), usual);
        assert_ne!(of(Allocation::WasmtimeOnDemand, Limits::default()), usual);
    }
}
