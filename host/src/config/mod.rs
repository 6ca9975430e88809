//! Settings: from what a person typed to what it means. All checks, no work.

mod file;
mod granted;
mod moment;
mod retention;
mod tokens;
mod units;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::event::RetryPolicy;
use crate::limits::{COMPILE_TIME_MAX, Limits, MIB};

pub use file::{EvqFile, FileError, HANDLERS_MAX, HandlerSettings, ServeSettings, WrittenRetention};
pub use granted::{GrantError, OriginGrant, ValueSource, environment, http};
pub use moment::parse_moment;
pub use retention::Retention;
pub use tokens::{Role, Token, TokenDigest, TokenFileError, Tokens};
pub use units::{parse_duration, parse_size_bytes};

/// A setting that cannot be: which one, its value, and what would do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{option} is {value}; {rule}")]
pub struct ConfigError {
    pub option: &'static str,
    pub value: String,
    pub rule: &'static str,
}

/// The limits and policy that options can change, as typed.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub timeout: Option<Duration>,
    pub compile_timeout: Option<Duration>,
    pub memory_bytes_max: Option<u64>,
    pub event_bytes_max: Option<u64>,
    pub fuel_max: Option<u64>,
    pub attempts_max: Option<u32>,
    pub retry_base: Option<Duration>,
}

impl Overrides {
    /// # Errors
    /// Names the option whose value makes no sense, and what would.
    pub fn limits(&self) -> Result<Limits, ConfigError> {
        self.limits_over(Limits::default())
    }

    /// These limits, but for what was typed.
    ///
    /// # Errors
    /// As [`Overrides::limits`].
    pub fn limits_over(&self, defaults: Limits) -> Result<Limits, ConfigError> {
        let limits = Limits {
            wall_clock_max: self.timeout.unwrap_or(defaults.wall_clock_max),
            memory_bytes_max: self.memory_bytes_max.unwrap_or(defaults.memory_bytes_max),
            event_bytes_max: self.event_bytes_max.unwrap_or(defaults.event_bytes_max),
            fuel_max: self.fuel_max.unwrap_or(defaults.fuel_max),
            ..defaults
        };
        let (hour, gib) = (Duration::from_secs(3600), 1024 * MIB);
        let timeout_ms = limits.wall_clock_max.as_millis();
        check("--timeout", timeout_ms, 1..=hour.as_millis(), "it must be 1ms to 1h")?;
        check("--max-memory", limits.memory_bytes_max, 64 * 1024..=4 * gib, "it must be 64KiB to 4GiB")?;
        check("--max-event", limits.event_bytes_max, 64..=gib, "it must be 64B to 1GiB")?;
        check("--fuel", limits.fuel_max, 1..=u64::MAX >> 1, "it must be at least 1")?;
        Ok(limits)
    }

    /// # Errors
    /// As [`Overrides::limits`].
    pub fn compile_time_max(&self) -> Result<Duration, ConfigError> {
        let time = self.compile_timeout.unwrap_or(COMPILE_TIME_MAX);
        check("--compile-timeout", time.as_millis(), 1..=3_600_000, "it must be 1ms to 1h")?;
        Ok(time)
    }

    /// # Errors
    /// As [`Overrides::limits`].
    pub fn policy(&self) -> Result<RetryPolicy, ConfigError> {
        let mut policy = RetryPolicy::default();
        policy.failures_max = self.attempts_max.unwrap_or(policy.failures_max);
        policy.backoff.base = self.retry_base.unwrap_or(policy.backoff.base);
        check("--max-attempts", policy.failures_max, 1..=1000, "it must be 1 to 1000")?;
        Ok(policy)
    }
}

fn check<T: PartialOrd + ToString>(
    option: &'static str,
    value: T,
    range: std::ops::RangeInclusive<T>,
    rule: &'static str,
) -> Result<(), ConfigError> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(ConfigError { option, value: value.to_string(), rule })
}

/// Workers of all handlers of a process together: more threads than these are of no use to anybody.
const WORKERS_MAX: usize = 256;

/// How many workers: what was asked for, or one a core.
///
/// # Errors
/// When more are asked for than can be of use.
pub fn workers(asked: Option<usize>) -> Result<NonZeroUsize, ConfigError> {
    workers_each(asked, NonZeroUsize::MIN)
}

/// How many workers each of so many handlers has: what was asked for, or one a core.
///
/// # Errors
/// When more are asked for than can be of use.
pub fn workers_each(asked: Option<usize>, handlers: NonZeroUsize) -> Result<NonZeroUsize, ConfigError> {
    let workers_max = (WORKERS_MAX / handlers).max(1);
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let workers = asked.unwrap_or(cores.min(workers_max));
    check("--workers", workers, 1..=workers_max, "it must be 1 to 256, all handlers together")?;
    Ok(NonZeroUsize::new(workers).unwrap_or(NonZeroUsize::MIN))
}

/// Where compiled modules are kept: the user's cache folder, if there is one.
pub fn module_cache_dir() -> Option<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()) {
        Some(dir) => PathBuf::from(dir),
        None => PathBuf::from(std::env::var_os("HOME").filter(|dir| !dir.is_empty())?).join(".cache"),
    };
    base.is_absolute().then(|| base.join("wasm-evq").join("modules"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_named_with_its_value_and_rule() {
        let tiny = Overrides { memory_bytes_max: Some(10), ..Overrides::default() };
        assert_eq!(tiny.limits().unwrap_err().to_string(), "--max-memory is 10; it must be 64KiB to 4GiB");
        let none = Overrides { attempts_max: Some(0), ..Overrides::default() };
        assert_eq!(none.policy().unwrap_err().to_string(), "--max-attempts is 0; it must be 1 to 1000");
        assert!(workers(Some(0)).is_err());
        assert!(workers(Some(256)).is_ok() && workers(Some(257)).is_err());
    }

    #[test]
    fn many_handlers_share_what_workers_there_may_be() {
        let many = NonZeroUsize::new(64).unwrap();
        assert_eq!(workers_each(Some(4), many).unwrap().get(), 4);
        assert!(workers_each(Some(5), many).unwrap_err().to_string().contains("all handlers together"));
        assert!(workers_each(None, many).unwrap().get() <= 4);
    }

    #[test]
    fn what_is_not_given_is_the_default() {
        let limits = Overrides { fuel_max: Some(7), ..Overrides::default() }.limits().unwrap();
        assert_eq!(limits, Limits { fuel_max: 7, ..Limits::default() });
        assert_eq!(Overrides::default().policy().unwrap(), RetryPolicy::default());
    }
}
