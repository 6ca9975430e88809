//! The only place that says what a verdict means for the event.

use std::time::Duration;

use super::{Backoff, Verdict};
use crate::clock::UnixMillis;

/// What becomes of the event after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    Done,
    /// Run again, not before this time.
    RetryAt(UnixMillis),
    Dead,
}

/// When to try again and when to give up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Failures after which an event is dead, counting the first.
    pub failures_max: u32,
    /// Runs that a handler may ask to have again with "retry after" before the event is dead. These
    /// are not failures, but nothing here goes on for ever.
    pub deferrals_max: u32,
    /// Times an event may be claimed when the host dies before it is dead. The last of them it runs
    /// alone, so that a handler which kills the host is told from its neighbours.
    pub losses_max: u32,
    /// Whether to retry what ends the same way each time (trap, fuel, memory, output, ...). Off: an
    /// attempt is a function of the event, so a second run would only cost as much again.
    pub retry_deterministic: bool,
    pub backoff: Backoff,
    /// Longest delay a handler can ask for.
    pub retry_after_max: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            failures_max: 5,
            deferrals_max: 100,
            losses_max: 3,
            retry_deterministic: false,
            backoff: Backoff::default(),
            retry_after_max: Duration::from_secs(24 * 3600),
        }
    }
}

/// How often this event was attempted by this handler, this attempt included, and how the attempts
/// *before* it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AttemptCounts {
    /// 1 for the first attempt.
    pub attempts: u32,
    pub failures: u32,
    /// Attempts that ended with "retry after".
    pub deferrals: u32,
    /// Attempts lost with the host since one was last seen to end.
    pub losses: u32,
}

impl AttemptCounts {
    /// The counts to keep for the next attempt, after this one ended so.
    pub fn after(self, verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Lost => AttemptCounts { losses: self.losses + 1, ..self },
            // An attempt that was seen to end clears the suspicion that it kills the host.
            Verdict::RetryAfter { .. } => AttemptCounts { deferrals: self.deferrals + 1, losses: 0, ..self },
            _ => AttemptCounts { failures: self.failures + 1, losses: 0, ..self },
        }
    }
}

/// Decides an event's fate. `seed` feeds the jitter, so the same inputs give the same answer.
pub fn decide(
    counts: AttemptCounts,
    verdict: &Verdict,
    policy: &RetryPolicy,
    now: UnixMillis,
    seed: u64,
) -> Settlement {
    match verdict {
        Verdict::Ok { .. } => Settlement::Done,
        Verdict::Permanent { .. } | Verdict::Cancelled => Settlement::Dead,
        Verdict::Lost if counts.losses + 1 >= policy.losses_max => Settlement::Dead,
        Verdict::Lost => Settlement::RetryAt(now),
        Verdict::RetryAfter { .. } if counts.deferrals >= policy.deferrals_max => Settlement::Dead,
        Verdict::RetryAfter { delay, .. } => {
            Settlement::RetryAt(now.after((*delay).min(policy.retry_after_max)))
        }
        verdict if is_deterministic(verdict) && !policy.retry_deterministic => Settlement::Dead,
        _ if counts.failures + 1 >= policy.failures_max => Settlement::Dead,
        _ => Settlement::RetryAt(now.after(policy.backoff.delay(counts.failures + 1, seed))),
    }
}

/// Whether the same event and handler must end this way again. The wall clock and the host's own
/// faults depend on the machine; everything else depends on the event alone.
fn is_deterministic(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Trapped { .. } | Verdict::Violation { .. } => true,
        Verdict::LimitExceeded(limit) => limit.name != super::LimitName::WallClock,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{LimitExceeded, LimitName};

    const NOW: UnixMillis = UnixMillis(1_000_000);

    fn fate(counts: AttemptCounts, verdict: Verdict) -> Settlement {
        decide(counts, &verdict, &RetryPolicy::default(), NOW, 7)
    }

    fn attempt(attempts: u32, failures: u32, losses: u32) -> AttemptCounts {
        AttemptCounts { attempts, failures, losses, ..AttemptCounts::default() }
    }

    fn failed() -> Verdict {
        Verdict::Failed { message: "no".into() }
    }

    fn limit(name: LimitName) -> Verdict {
        Verdict::LimitExceeded(LimitExceeded { name, used: 2, max: 1 })
    }

    #[test]
    fn a_failure_is_retried_until_the_fifth() {
        for failures in 0..4 {
            let settlement = fate(attempt(failures + 1, failures, 0), failed());
            assert!(matches!(settlement, Settlement::RetryAt(at) if at >= NOW));
        }
        assert_eq!(fate(attempt(5, 4, 0), failed()), Settlement::Dead);
    }

    #[test]
    fn what_must_end_the_same_way_is_dead_at_once() {
        let trap = Verdict::Trapped { message: "t".into(), backtrace: String::new() };
        assert_eq!(fate(attempt(1, 0, 0), trap), Settlement::Dead);
        assert_eq!(fate(attempt(1, 0, 0), limit(LimitName::Fuel)), Settlement::Dead);
        assert_eq!(fate(attempt(1, 0, 0), limit(LimitName::Memory)), Settlement::Dead);
        assert_eq!(fate(attempt(1, 0, 0), Verdict::Permanent { message: "p".into() }), Settlement::Dead);
    }

    #[test]
    fn what_the_machine_did_is_retried() {
        assert!(matches!(fate(attempt(1, 0, 0), limit(LimitName::WallClock)), Settlement::RetryAt(_)));
        let panic = Verdict::HostPanicked { message: "x".into() };
        assert!(matches!(fate(attempt(1, 0, 0), panic), Settlement::RetryAt(_)));
    }

    #[test]
    fn retry_after_is_no_failure_but_has_an_end() {
        let later = || Verdict::RetryAfter { delay: Duration::from_secs(3), message: String::new() };
        let deferred = |deferrals| AttemptCounts { attempts: deferrals + 1, deferrals, ..Default::default() };
        assert_eq!(fate(deferred(99), later()), Settlement::RetryAt(UnixMillis(1_003_000)));
        assert_eq!(fate(deferred(100), later()), Settlement::Dead);
        let years = Verdict::RetryAfter { delay: Duration::from_secs(1 << 40), message: String::new() };
        assert_eq!(
            fate(attempt(1, 0, 0), years),
            Settlement::RetryAt(NOW.after(Duration::from_secs(86_400)))
        );
    }

    #[test]
    fn a_lost_attempt_is_run_again_at_once_but_not_for_ever() {
        assert_eq!(fate(attempt(1, 0, 0), Verdict::Lost), Settlement::RetryAt(NOW));
        assert_eq!(fate(attempt(3, 0, 2), Verdict::Lost), Settlement::Dead);
    }

    #[test]
    fn the_policy_can_retry_what_is_deterministic() {
        let policy = RetryPolicy { retry_deterministic: true, ..RetryPolicy::default() };
        let settlement = decide(attempt(1, 0, 0), &limit(LimitName::Fuel), &policy, NOW, 7);
        assert!(matches!(settlement, Settlement::RetryAt(_)));
    }
}
