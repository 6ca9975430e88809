//! How much is kept of what is over. What waits, runs or is dead is kept whatever this says.

use std::time::Duration;

use super::ConfigError;
use crate::limits::MIB;

/// The bounds on what is kept; none of them: everything is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    pub age_max: Option<Duration>,
    pub events_max: Option<u64>,
    pub bytes_max: Option<u64>,
}

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Retention {
    /// What a server keeps unless it is told otherwise.
    pub const SERVED: Retention = Retention {
        age_max: Some(Duration::from_secs(30 * 24 * 3600)),
        events_max: Some(10_000_000),
        bytes_max: Some(10 * 1024 * MIB),
    };

    /// These bounds, but for what was typed.
    ///
    /// # Errors
    /// Names the option whose value makes no sense.
    pub fn with(
        self,
        days: Option<u32>,
        events_max: Option<u64>,
        bytes_max: Option<u64>,
    ) -> Result<Self, ConfigError> {
        if days == Some(0) {
            let rule = "it must be 1 or more; the dead and the unsettled are kept anyway";
            return Err(ConfigError { option: "--keep-days", value: "0".into(), rule });
        }
        Ok(Retention {
            age_max: days.map(|days| DAY * days).or(self.age_max),
            events_max: events_max.or(self.events_max),
            bytes_max: bytes_max.or(self.bytes_max),
        })
    }

    /// How many events have to go, where there are so many that take up so much.
    pub fn excess_events(&self, (events, bytes): (u64, u64)) -> u64 {
        let by_number = self.events_max.map_or(0, |max| events.saturating_sub(max));
        let bytes_beyond = self.bytes_max.map_or(0, |max| bytes.saturating_sub(max));
        // As if all were of the same size; the next look corrects it.
        let by_size = u128::from(events) * u128::from(bytes_beyond) / u128::from(bytes.max(1));
        by_number.max(u64::try_from(by_size).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_a_bound_has_to_go() {
        let bounds = Retention { age_max: None, events_max: Some(100), bytes_max: Some(1000) };
        assert_eq!(bounds.excess_events((100, 1000)), 0);
        assert_eq!(bounds.excess_events((130, 1000)), 30);
        assert_eq!(bounds.excess_events((100, 2000)), 50, "half of the bytes are half of the events");
        assert_eq!(bounds.excess_events((0, 5000)), 0);
        assert_eq!(Retention::default().excess_events((u64::MAX, u64::MAX)), 0);
    }

    #[test]
    fn what_is_typed_comes_before_the_default() {
        let typed = Retention::SERVED.with(Some(1), None, Some(7)).unwrap();
        assert_eq!(typed, Retention { age_max: Some(DAY), bytes_max: Some(7), ..Retention::SERVED });
        assert!(Retention::default().with(Some(0), None, None).is_err());
    }
}
