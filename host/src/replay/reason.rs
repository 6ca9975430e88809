//! Why an attempt cannot be compared.

/// Each is counted; none is a difference, and none is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The end that was recorded is not the handler's: it depends on the machine at that time.
    Lost,
    /// Nobody ran it: a person ended the event.
    Cancelled,
    TimedOut,
    HostPanicked,
    /// The same, of the second run.
    TimedOutNow,
    HostPanickedNow,
    /// One of the two runs ended with its stack. How deep a guest gets is a matter of its frames in
    /// machine code, which differ with how memory is checked: another limit may come first.
    OutOfStackOnce,
    OtherEngine,
    LimitsUnknown,
    SecretNotRecorded,
    ModuleMissing,
    ModuleDamaged,
    ModuleUnusable,
}

impl Reason {
    /// For a verdict's code, when that verdict is not a function of the event.
    pub fn of_recorded(verdict: &str) -> Option<Self> {
        match verdict {
            "lost" => Some(Reason::Lost),
            "cancelled" => Some(Reason::Cancelled),
            "timeout" => Some(Reason::TimedOut),
            "host_panic" => Some(Reason::HostPanicked),
            _ => None,
        }
    }

    /// As [`Reason::of_recorded`], for the second run beside the recorded one.
    pub fn of_now(recorded: &str, now: &str) -> Option<Self> {
        if recorded != now && [recorded, now].contains(&"stack_limit") {
            return Some(Reason::OutOfStackOnce);
        }
        match Reason::of_recorded(now)? {
            Reason::TimedOut => Some(Reason::TimedOutNow),
            _ => Some(Reason::HostPanickedNow),
        }
    }

    /// The word for it in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Reason::Lost => "lost",
            Reason::Cancelled => "cancelled",
            Reason::TimedOut => "timeout",
            Reason::HostPanicked => "host_panic",
            Reason::TimedOutNow => "timeout_now",
            Reason::HostPanickedNow => "host_panic_now",
            Reason::OutOfStackOnce => "stack_limit_once",
            Reason::OtherEngine => "other_engine",
            Reason::LimitsUnknown => "limits_unknown",
            Reason::SecretNotRecorded => "secret_not_recorded",
            Reason::ModuleMissing => "module_missing",
            Reason::ModuleDamaged => "module_damaged",
            Reason::ModuleUnusable => "module_unusable",
        }
    }

    pub fn describe(self) -> &'static str {
        match self {
            Reason::Lost => "was lost with its host",
            Reason::Cancelled => "was cancelled before it ran",
            Reason::TimedOut => "had run out of wall-clock time",
            Reason::HostPanicked => "had met a fault of the host",
            Reason::TimedOutNow => "ran out of wall-clock time now",
            Reason::HostPanickedNow => "met a fault of the host now",
            Reason::OutOfStackOnce => "ran out of stack in one of the two runs",
            Reason::OtherEngine => "was recorded on another engine",
            Reason::LimitsUnknown => "was recorded before limits were kept",
            Reason::SecretNotRecorded => "was given a secret, which is not recorded",
            Reason::ModuleMissing => "its module is not in the database",
            Reason::ModuleDamaged => "its module's bytes are not those of its sha256",
            Reason::ModuleUnusable => "its module cannot be loaded",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_for_want_of_stack_compares_only_with_another() {
        for (recorded, now) in [("stack_limit", "fuel_limit"), ("fuel_limit", "stack_limit")] {
            assert_eq!(Reason::of_now(recorded, now), Some(Reason::OutOfStackOnce));
        }
        assert_eq!(Reason::of_now("stack_limit", "stack_limit"), None);
        assert_eq!(Reason::of_now("ok", "fuel_limit"), None);
    }
}
