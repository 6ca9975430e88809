//! The last five minutes, second by second. It is memory alone and begins with the process.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;
use utoipa::ToSchema;

use super::recent::{Recent, RecentJson};
use crate::api::metrics::AttemptFigures;

/// Seconds kept.
const SECONDS_MAX: usize = 300;

/// The longest time told from accepted to settled; longer ones count as this.
const SETTLED_US_MAX: u64 = 24 * 3600 * 1_000_000;

/// What happens, as it is told by those who do it; a tick ends each second.
pub struct History {
    state: Mutex<State>,
}

struct State {
    now: Second,
    settled_us: Histogram<u64>,
    past: VecDeque<Past>,
    handlers: BTreeMap<String, Recent>,
    ticks: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Second {
    accepted: u64,
    ok: u64,
    dead: u64,
    retried: u64,
}

#[derive(Debug, Clone, Copy)]
struct Past {
    second: Second,
    unsettled: u64,
    /// 50th and 99th percentile; `None` when nothing was settled.
    settled_us: Option<(u64, u64)>,
}

/// The last seconds, the latest at the end; all lists have one length, at most 300.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct SecondsJson {
    accepted: Vec<u64>,
    ok: Vec<u64>,
    dead: Vec<u64>,
    /// Attempts after which the event is run again.
    retried: Vec<u64>,
    /// At the end of the second.
    unsettled: Vec<u64>,
    /// From accepted to settled; null when nothing was settled.
    p50_us: Vec<Option<u64>>,
    p99_us: Vec<Option<u64>>,
}

impl Default for History {
    fn default() -> Self {
        let settled_us = Histogram::new_with_max(SETTLED_US_MAX, 2).expect("the bounds are in order");
        let (now, past, handlers) = (Second::default(), VecDeque::new(), BTreeMap::new());
        History { state: Mutex::new(State { now, settled_us, past, handlers, ticks: 0 }) }
    }
}

impl History {
    pub fn accepted(&self, events: u64) {
        self.state().now.accepted += events;
    }

    /// Counts in a recorded attempt.
    pub fn settled(&self, attempt: &AttemptFigures<'_>) {
        self.state().count(attempt);
    }

    /// Ends the second that runs.
    pub fn tick(&self, unsettled: u64) {
        let mut state = self.state();
        let settled_us = state
            .settled_us
            .len()
            .gt(&0)
            .then(|| (state.settled_us.value_at_quantile(0.5), state.settled_us.value_at_quantile(0.99)));
        state.settled_us.reset();
        let second = std::mem::take(&mut state.now);
        state.past.push_back(Past { second, unsettled, settled_us });
        if state.past.len() > SECONDS_MAX {
            state.past.pop_front();
        }
        state.ticks += 1;
        if state.ticks.is_multiple_of(SECONDS_MAX as u64) {
            state.handlers.values_mut().for_each(Recent::turn);
        }
    }

    pub fn seconds(&self) -> SecondsJson {
        let state = self.state();
        let mut seconds = SecondsJson::default();
        for Past { second, unsettled, settled_us } in &state.past {
            seconds.accepted.push(second.accepted);
            seconds.ok.push(second.ok);
            seconds.dead.push(second.dead);
            seconds.retried.push(second.retried);
            seconds.unsettled.push(*unsettled);
            seconds.p50_us.push(settled_us.map(|(p50, _)| p50));
            seconds.p99_us.push(settled_us.map(|(_, p99)| p99));
        }
        seconds
    }

    /// What a handler's attempts took in the last minutes.
    pub fn recent(&self, handler: &str) -> RecentJson {
        self.state().handlers.get(handler).map(Recent::told).unwrap_or_default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&mut self, attempt: &AttemptFigures<'_>) {
        match (attempt.settled_after, attempt.is_dead) {
            (None, _) => self.now.retried += 1,
            (Some(_), false) => self.now.ok += 1,
            (Some(_), true) => self.now.dead += 1,
        }
        if let Some(after) = attempt.settled_after {
            self.settled_us.saturating_record(micros(after));
        }
        if !self.handlers.contains_key(attempt.handler) {
            self.handlers.insert(attempt.handler.to_owned(), Recent::default());
        }
        if let Some(recent) = self.handlers.get_mut(attempt.handler) {
            recent.count(&attempt.figures);
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Figures;

    fn attempt(settled_after_ms: Option<u64>, is_dead: bool) -> AttemptFigures<'static> {
        let figures = Figures { fuel: 100, peak_memory_bytes: 65_536, duration_us: 50 };
        let settled_after = settled_after_ms.map(Duration::from_millis);
        AttemptFigures { handler: "h", verdict: "ok", figures, settled_after, is_dead }
    }

    #[test]
    fn each_second_tells_what_happened_in_it() {
        let history = History::default();
        history.accepted(3);
        for attempt in [attempt(Some(10), false), attempt(Some(10), true), attempt(None, false)] {
            history.settled(&attempt);
        }
        history.tick(7);
        history.tick(6);
        let told = history.seconds();
        assert_eq!((told.accepted, told.ok, told.dead), (vec![3, 0], vec![1, 0], vec![1, 0]));
        assert_eq!((told.retried, told.unsettled), (vec![1, 0], vec![7, 6]));
        let p50 = told.p50_us[0].unwrap();
        assert!((9_900..10_200).contains(&p50), "{p50}");
        assert_eq!(told.p99_us[1], None, "nothing was settled in that second");
    }

    #[test]
    fn only_the_last_seconds_are_kept() {
        let history = History::default();
        for unsettled in 0..1000 {
            history.tick(unsettled);
        }
        let told = history.seconds();
        assert_eq!((told.unsettled.len(), told.unsettled[0], told.unsettled[299]), (300, 700, 999));
    }

    #[test]
    fn a_handlers_figures_are_forgotten_after_some_minutes() {
        let history = History::default();
        history.settled(&attempt(Some(1), false));
        assert_eq!((history.recent("h").attempts, history.recent("other").attempts), (1, 0));
        (0..300).for_each(|_| history.tick(0));
        assert_eq!(
            history.recent("h").attempts,
            1,
            "five minutes are not over since it ran, for all we know"
        );
        (0..300).for_each(|_| history.tick(0));
        assert_eq!(history.recent("h").attempts, 0);
    }
}
