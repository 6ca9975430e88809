//! One attempt: a fresh instance, one call, one report. The prologue and the epilogue are the same
//! for every ABI.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use wasmtime::Store;

use super::attempt_state::AttemptState;
use super::fuel::Tank;
use super::handler::Handler;
use super::outbound::{Answers, Outbound};
use super::ticker::ticks;
use super::trap::verdict_of;
use crate::clock::UnixMillis;
use crate::event::{Figures, LimitExceeded, LimitName, Report, Verdict};

/// Memory of the host that one call of a component may take, for lists and texts it hands over. Many times what
/// it may put out or log.
const HOST_CALL_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Stack for the host's own frames.
const STACK_SPARE_BYTES: usize = 1024 * 1024;

/// All that a handler may know of an event.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The event's JSON text, as received.
    pub event: Box<str>,
    /// 1 for the first attempt.
    pub attempt: u32,
    pub accepted_at: UnixMillis,
    pub hops: u32,
    /// Where the answers to its requests come from.
    pub answers: Answers,
}

/// How the attempt went, and the event back.
#[derive(Debug)]
pub struct Invoked {
    pub report: Report,
    pub event: Box<str>,
}

impl Handler {
    /// As [`Handler::invoke`], on a thread of its own with the stack that the guest's bound asks for.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub fn invoke_alone(&self, invocation: Invocation) -> std::io::Result<Report> {
        let handler = self.clone();
        let thread = std::thread::Builder::new().stack_size(self.stack_bytes_max() + STACK_SPARE_BYTES);
        let running = thread.spawn(move || handler.invoke(invocation).report)?;
        running.join().map_err(|_| std::io::Error::other("the thread that ran the handler panicked"))
    }

    /// Runs the handler on one event, in an instance made for it and dropped after it.
    ///
    /// Never fails: whatever the guest does is a verdict, and so is a panic of the host's own code
    /// while it serves this attempt.
    pub fn invoke(&self, invocation: Invocation) -> Invoked {
        self.invoke_and_look(invocation, |_, _| ())
    }

    /// As [`Handler::invoke`]; where the call failed, `look` sees what is left before it goes.
    pub(super) fn invoke_and_look(
        &self,
        invocation: Invocation,
        look: impl FnOnce(&mut Store<AttemptState>, &wasmtime::Error),
    ) -> Invoked {
        let Invocation { event, attempt, accepted_at, hops, answers } = invocation;
        if let Some(report) = self.refuse_by_size(&event) {
            return Invoked { report, event };
        }
        let (name, grants) = (self.name.clone(), self.grants.clone());
        let mut state = AttemptState::new(event, attempt, accepted_at, hops, name, self.limits, grants);
        state.outbound = Outbound::new(answers, self.client.clone());
        let mut store = Store::new(self.program.engine(), state);
        self.ticker.begin_attempt();
        let started = Instant::now();
        let called = catch_unwind(AssertUnwindSafe(|| self.call(&mut store)));
        let elapsed = started.elapsed();
        let fuel = store.get_fuel().map_or(0, |left| self.tank().used(left));
        if let Ok(Err(error)) = &called {
            look(&mut store, error);
        }
        let mut state = store.into_data();
        state.close_stderr();
        let verdict = match called {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(error)) => verdict_of(&error, &state, elapsed),
            Err(panic) => Verdict::HostPanicked { message: panic_message(&*panic) },
        };
        let figures = Figures {
            fuel,
            peak_memory_bytes: state.budget.memory_bytes_peak(),
            duration_us: u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        };
        let exchanges = state.outbound.into_exchanges(&state.grants);
        Invoked { report: Report { verdict, figures, logs: state.logs, exchanges }, event: state.event }
    }

    /// What another handler of the host may take can be too large for this one.
    fn refuse_by_size(&self, event: &str) -> Option<Report> {
        let (used, max) = (event.len() as u64, self.limits.event_bytes_max);
        let verdict = Verdict::LimitExceeded(LimitExceeded { name: LimitName::Event, used, max });
        (used > max).then(|| Report::bare(verdict))
    }

    fn call(&self, store: &mut Store<AttemptState>) -> wasmtime::Result<Verdict> {
        self.set_bounds(store)?;
        self.program.call(store)
    }

    /// Before the instance is made: a start function runs there.
    pub(super) fn set_bounds(&self, store: &mut Store<AttemptState>) -> wasmtime::Result<()> {
        store.limiter(|state| &mut state.budget);
        store.set_hostcall_fuel(HOST_CALL_BYTES_MAX);
        store.set_epoch_deadline(ticks(self.limits.wall_clock_max));
        store.set_fuel(self.tank().filled())
    }

    fn tank(&self) -> Tank {
        Tank { fuel_max: self.limits.fuel_max, held_back: self.program.fuel_held_back() }
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a message".into())
}
