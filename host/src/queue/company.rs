//! The queues of a process that work side by side: what one of them emits may be for another, so they
//! come to their end together, once none has anything left.

use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A queue that rests looks up this often: a retry may have fallen due.
const LOOK_UP: Duration = Duration::from_millis(500);

/// So many queues, which share the bounds on what is in flight.
#[derive(Debug)]
pub struct Company {
    queues: NonZeroUsize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    settlements: u64,
    /// Queues that found nothing since the last settlement.
    resting: usize,
    is_over: bool,
}

/// How much had been settled at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen(u64);

/// What a queue does that has found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    LookAgain,
    /// None of them has anything left.
    Over,
}

impl Company {
    pub fn of(queues: NonZeroUsize) -> Self {
        Company { queues, state: Mutex::default(), changed: Condvar::new() }
    }

    pub fn queues(&self) -> NonZeroUsize {
        self.queues
    }

    /// To be asked before a queue looks for events.
    pub fn seen(&self) -> Seen {
        Seen(self.lock().settlements)
    }

    /// Something was settled, and may have left events for any of them. To be told before the queue that
    /// settled it can rest.
    pub fn settled(&self) {
        let mut state = self.lock();
        state.settlements += 1;
        state.resting = 0;
        self.changed.notify_all();
    }

    /// A queue with nothing in flight has looked and found nothing. Waits a moment for the others.
    pub fn rest(&self, seen: Seen) -> Rest {
        let mut state = self.lock();
        if seen.0 == state.settlements && !state.is_over {
            state.resting += 1;
            if state.resting == self.queues.get() {
                state.is_over = true;
                self.changed.notify_all();
            } else {
                state = self.changed.wait_timeout(state, LOOK_UP).unwrap_or_else(PoisonError::into_inner).0;
                state.resting -= usize::from(seen.0 == state.settlements);
            }
        }
        if state.is_over { Rest::Over } else { Rest::LookAgain }
    }

    /// Ends all rest: one of them has failed and will not come to its end.
    pub fn end(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }

    pub fn wake(&self) {
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Company {
        Company::of(NonZeroUsize::new(2).unwrap())
    }

    #[test]
    fn the_last_to_rest_ends_it_for_all() {
        let company = two();
        std::thread::scope(|scope| {
            let first = scope.spawn(|| while company.rest(company.seen()) == Rest::LookAgain {});
            while company.rest(company.seen()) == Rest::LookAgain {}
            first.join().unwrap();
        });
        assert_eq!(Company::of(NonZeroUsize::MIN).rest(Seen(0)), Rest::Over, "one alone waits for nobody");
    }

    #[test]
    fn who_looked_before_something_was_settled_looks_again() {
        let company = Company::of(NonZeroUsize::MIN);
        let seen = company.seen();
        company.settled();
        assert_eq!(company.rest(seen), Rest::LookAgain);
        assert_eq!(company.rest(company.seen()), Rest::Over);
    }

    #[test]
    fn who_rested_before_something_was_settled_does_not_count() {
        let company = two();
        company.lock().resting = 1;
        company.settled();
        assert_eq!(company.rest(company.seen()), Rest::LookAgain, "the other has to look again");
    }
}
