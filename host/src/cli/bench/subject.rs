//! What a bench is about: the handler, loaded; the events, written; the folder, made.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::folder::Folder;
use super::machine::Machine;
use super::plan::Plan;
use super::workload::Workload;
use crate::cli::Failure;
use crate::config;
use crate::event::{RetryPolicy, Verdict};
use crate::limits::{COMPILE_TIME_MAX, Limits};
use crate::sandbox::{Allocation, Allocator, Answers, Handler, Invocation, Sandbox, SandboxConfig};

const ECHO: &str = include_str!("echo.wat");

/// What the handler is called in the bench's databases, whatever its file is called.
pub const NAME: &str = "bench";

/// A loop over instances stops taking more events when it would take longer than this.
const LOOP_MAX: Duration = Duration::from_secs(10);

/// Events that tell how long the handler takes and whether it can handle them.
const TRIAL_EVENTS_MAX: usize = 64;

pub struct Subject {
    pub machine: Machine,
    pub workload: Workload,
    pub handler_file: PathBuf,
    /// The handler, for people.
    pub handler_described: String,
    pub sandbox: Sandbox,
    pub handler: Handler,
    pub limits: Limits,
    pub workers: NonZeroUsize,
    pub policy: RetryPolicy,
    /// Events that a loop over fresh instances takes.
    pub loop_events: usize,
    /// What a reader of the figures must know.
    pub notes: Vec<String>,
    pub folder: Folder,
}

/// Makes everything ready, so that nothing of it is measured.
pub fn prepare(plan: &Plan) -> Result<Subject, Failure> {
    let folder = Folder::make_in(&plan.dir)?;
    let (handler_file, handler_described) = handler_file(plan, &folder)?;
    let sandbox = sandbox(plan.limits, plan.workers.get(), Allocation::Resident)?;
    let handler = sandbox.load(NAME, &handler_file)?;
    let workload = Workload::write(plan, folder.file("events.ndjson"))?;
    let trial = try_out(&handler, &workload.sample);
    let mut notes = trial.notes();
    notes.extend(
        plan.wasmtime_serve.as_ref().map(|rival| format!("wasmtime serve is that of {}", rival.version)),
    );
    if plan.handler.is_none() {
        notes.push(
            "the built-in handler does next to nothing, so all else weighs more; the reach is meant for \
             one that parses and answers JSON"
                .into(),
        );
    }
    if !handler.can_be_reused() {
        notes.push("there is no floor: an instance of this kind of handler cannot be called twice".into());
    }
    if let Allocator::OnDemand { because } = sandbox.allocator() {
        notes.push(format!("memory cannot stay resident here, so every attempt is slower: {because}"));
    }
    Ok(Subject {
        machine: Machine::here(plan.workers.get(), sandbox.fingerprint()),
        loop_events: trial.events_within(LOOP_MAX).min(workload.sample.len()),
        handler_described,
        handler_file,
        workload,
        sandbox,
        handler,
        limits: plan.limits,
        workers: plan.workers,
        policy: plan.policy,
        notes,
        folder,
    })
}

impl Subject {
    /// The events that a loop over fresh instances takes.
    pub fn loop_sample(&self) -> &[Box<str>] {
        &self.workload.sample[..self.loop_events]
    }

    /// The handler as wasmtime would run it without our settings, and what keeps it alive.
    pub fn naive(&self, allocation: Allocation) -> Result<(Sandbox, Handler), Failure> {
        let sandbox = sandbox(self.limits, self.workers.get(), allocation)?;
        let handler = sandbox.load(NAME, &self.handler_file)?;
        Ok((sandbox, handler))
    }
}

fn sandbox(limits: Limits, slots: usize, allocation: Allocation) -> Result<Sandbox, Failure> {
    let slots = u32::try_from(slots).unwrap_or(u32::MAX);
    Ok(Sandbox::new(&SandboxConfig {
        limits,
        slots,
        compile_time_max: COMPILE_TIME_MAX,
        cache_dir: config::module_cache_dir(),
        allocation,
    })?)
}

fn handler_file(plan: &Plan, folder: &Folder) -> Result<(PathBuf, String), Failure> {
    if let Some(file) = &plan.handler {
        return Ok((file.clone(), file.display().to_string()));
    }
    let file = folder.file("echo.wat");
    std::fs::write(&file, ECHO)
        .map_err(|e| Failure::work(format!("cannot write {}: {e}", file.display())))?;
    Ok((file, "built in, gives each event back".into()))
}

/// A few events, run before anything is measured.
struct Trial {
    events: usize,
    failed: Vec<String>,
    elapsed: Duration,
}

fn try_out(handler: &Handler, events: &[Box<str>]) -> Trial {
    let started = Instant::now();
    let tried = &events[..events.len().min(TRIAL_EVENTS_MAX)];
    let failed = tried.iter().filter_map(|event| {
        let invoked = handler.invoke(first_attempt(event.clone()));
        match invoked.report.verdict {
            Verdict::Ok { .. } => None,
            verdict => Some(verdict.reason()),
        }
    });
    Trial { events: tried.len(), failed: failed.collect(), elapsed: started.elapsed() }
}

impl Trial {
    fn events_within(&self, time: Duration) -> usize {
        let each = self.elapsed.as_secs_f64() / self.events.max(1) as f64;
        ((time.as_secs_f64() / each.max(1e-9)) as usize).max(1)
    }

    fn notes(&self) -> Vec<String> {
        let note = |first: &String| {
            let (failed, events) = (self.failed.len(), self.events);
            let first = crate::cli::output::one_line(first);
            format!("{failed} of the first {events} events did not end well; the first: {first}")
        };
        self.failed.first().map(note).into_iter().collect()
    }
}

/// An event as the queue would give it to the handler the first time.
pub fn first_attempt(event: Box<str>) -> Invocation {
    Invocation {
        event,
        attempt: 1,
        accepted_at: crate::clock::UnixMillis::default(),
        hops: 0,
        answers: Answers::Live,
    }
}
