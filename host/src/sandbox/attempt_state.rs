//! What one attempt holds on the host's side: its input, its bounds and what the guest said so far.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};
use wasmtime::Memory;

use super::budget::Budget;
use super::outbound::Outbound;
use super::trap::Ended;
use super::wasi::http::Exchange;
use super::wasi::{AttemptClock, Denied, Resources, Stdio};
use crate::clock::UnixMillis;
use crate::event::{
    Attributes, LimitExceeded, LimitName, LogLevel, LogLine, NewEvent, Output, Parent, Verdict,
    attributes_of, emitted_event,
};
use crate::grants::Grants;
use crate::limits::Limits;

/// Longest failure message kept, in bytes.
const ERROR_BYTES_MAX: usize = 4096;

/// The state behind every import. Lives and dies with the attempt's instance.
pub struct AttemptState {
    began: Instant,
    pub event: Box<str>,
    pub attempt: u32,
    pub accepted_at: UnixMillis,
    pub hops: u32,
    pub handler: Arc<str>,
    pub limits: Limits,
    pub grants: Arc<Grants>,
    pub budget: Budget,
    /// The guest's memory, once an import needed it.
    pub memory: Option<Memory>,
    pub output: Option<Output>,
    pub emitted: Vec<NewEvent>,
    emitted_bytes: u64,
    pub logs: Vec<LogLine>,
    log_bytes: u64,
    pub error: Option<String>,
    pub retry_after_ms: Option<u64>,
    random: Option<Box<ChaCha8Rng>>,
    /// For programs that know WASI instead of our imports, whichever version.
    pub stdio: Stdio,
    pub clock: AttemptClock,
    pub denied: Denied,
    pub resources: Resources,
    pub http: Exchange,
    pub outbound: Outbound,
    /// The last answer, as the core ABI hands it over.
    pub http_answer: Vec<u8>,
}

impl AttemptState {
    pub fn new(
        event: Box<str>,
        attempt: u32,
        accepted_at: UnixMillis,
        hops: u32,
        handler: Arc<str>,
        limits: Limits,
        grants: Arc<Grants>,
    ) -> Self {
        AttemptState {
            began: Instant::now(),
            event,
            attempt,
            accepted_at,
            hops,
            handler,
            limits,
            grants,
            budget: Budget::new(&limits),
            memory: None,
            output: None,
            emitted: Vec::new(),
            emitted_bytes: 0,
            logs: Vec::new(),
            log_bytes: 0,
            error: None,
            retry_after_ms: None,
            random: None,
            stdio: Stdio::default(),
            clock: AttemptClock::default(),
            denied: Denied::default(),
            resources: Resources::default(),
            http: Exchange::default(),
            outbound: Outbound::default(),
            http_answer: Vec::new(),
        }
    }

    /// Wall-clock time until the attempt is over.
    pub fn time_left(&self) -> Duration {
        self.limits.wall_clock_max.saturating_sub(self.began.elapsed())
    }

    /// Ends the attempt when its time is over.
    pub fn check_time(&self) -> Result<(), Ended> {
        let (elapsed, max) = (self.began.elapsed(), self.limits.wall_clock_max);
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        if elapsed <= max {
            return Ok(());
        }
        let (used, max) = (millis(elapsed), millis(max));
        Err(Ended::limit(LimitExceeded { name: LimitName::WallClock, used, max }))
    }

    pub fn set_output(&mut self, output: Output) -> Result<(), Ended> {
        match self.output.replace(output) {
            Some(_) => Err(Ended::violation("`output` was called twice")),
            None => Ok(()),
        }
    }

    pub fn push_log(&mut self, level: LogLevel, text: &str) -> Result<(), Ended> {
        self.log_bytes += text.len() as u64 + 1;
        bound(LimitName::Logs, self.log_bytes, self.limits.log_bytes_max)?;
        self.logs.push(LogLine { level, text: text.into() });
        Ok(())
    }

    /// Bytes of the log so far.
    pub fn log_bytes(&self) -> u64 {
        self.log_bytes
    }

    pub fn emit(&mut self, json: &[u8]) -> Result<(), Ended> {
        let index = self.emitted.len() as u64;
        bound(LimitName::EmittedEvents, index + 1, u64::from(self.limits.emitted_events_max))?;
        self.emitted_bytes += json.len() as u64;
        bound(LimitName::EmittedBytes, self.emitted_bytes, self.limits.emitted_bytes_max)?;
        bound(LimitName::Hops, u64::from(self.hops) + 1, u64::from(self.limits.hops_max))?;
        let Attributes { source, id, trace, .. } = attributes_of(&self.event);
        let (handler, hops) = (&self.handler, self.hops);
        let parent = Parent { source: &source, id: &id, handler, hops, trace: &trace };
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let event = emitted_event(json, parent, index, self.limits.event_bytes_max)
            .map_err(|invalid| Ended::violation(format!("`emit` of an invalid event: {invalid}")))?;
        self.emitted.push(event);
        Ok(())
    }

    pub fn set_error(&mut self, text: &str) {
        self.error = Some(cut(text));
    }

    /// The verdict on a guest that failed. One that was refused memory mostly fails for that, whatever it says.
    pub fn unless_refused(&self, verdict: Verdict) -> Verdict {
        self.budget.refused().map_or(verdict, Verdict::LimitExceeded)
    }

    /// The next random bytes of this event's own stream: the same in every attempt and on every
    /// machine, different for every event.
    pub fn fill_random(&mut self, bytes: &mut [u8]) {
        let event = &self.event;
        let random = self.random.get_or_insert_with(|| Box::new(ChaCha8Rng::from_seed(seed_of(event))));
        random.fill_bytes(bytes);
    }
}

/// A reason in the guest's words, no longer than is kept.
pub fn cut(reason: &str) -> String {
    let end = reason.floor_char_boundary(ERROR_BYTES_MAX);
    let cut = if end < reason.len() { "..." } else { "" };
    format!("{}{cut}", &reason[..end])
}

fn seed_of(event: &str) -> [u8; 32] {
    let Attributes { source, id, .. } = attributes_of(event);
    let mut hash = Sha256::new();
    for part in [&source, &id] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// Ends the attempt when more is used than allowed.
pub fn bound(name: LimitName, used: u64, max: u64) -> Result<(), Ended> {
    if used > max {
        return Err(Ended::limit(LimitExceeded { name, used, max }));
    }
    Ok(())
}
