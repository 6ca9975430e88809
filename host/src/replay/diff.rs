//! What another module would have done with the events that are there.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::ReplayError;
use super::candidate::Candidate;
use super::compare::{differences, emitted};
use super::crew::{Crew, Job};
use super::pointers::{FieldChange, changes};
use super::spread::{Percentiles, Spread};
use super::walk::{Walk, Which};
use crate::event::{Figures, Output, Report, Verdict};
use crate::store::{
    Inspect, ModuleId, RecordedEvent, RecordedModule, RecordedResult, ResultStatus, StoredOutput,
};

pub struct DiffConfig {
    pub which: Which,
    pub seed: u64,
    pub workers: NonZeroUsize,
    pub candidate: Candidate,
}

/// What the candidate did with an event, beside its recorded result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    Equal,
    Changed,
    /// It was ok.
    NowFailing,
    /// It was dead.
    NowFixed,
    FailingAlike,
    FailingOtherwise,
}

impl Effect {
    pub const ALL: [Effect; 6] = [
        Effect::Equal,
        Effect::Changed,
        Effect::NowFailing,
        Effect::NowFixed,
        Effect::FailingAlike,
        Effect::FailingOtherwise,
    ];

    /// Whether the candidate makes a difference to an event.
    pub fn is_difference(self) -> bool {
        !matches!(self, Effect::Equal | Effect::FailingAlike)
    }
}

/// An event for which the candidate makes a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventChange {
    pub source: String,
    pub id: String,
    pub effect: Effect,
    /// By JSON pointer into the output; the fields `error` and `emitted` have no pointer.
    pub changes: Vec<FieldChange>,
}

/// A figure's distribution in the recorded attempts and in the candidate's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct BeforeAfter {
    pub before: Percentiles,
    pub after: Percentiles,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    pub effects: BTreeMap<Effect, u64>,
    /// Events whose attempt was given a secret, which is not recorded; no effect is told of them.
    pub not_comparable: u64,
    pub fuel: BeforeAfter,
    pub peak_memory_bytes: BeforeAfter,
    pub duration_us: BeforeAfter,
}

impl Comparison {
    pub fn events(&self) -> u64 {
        self.effects.values().sum()
    }

    pub fn has_differences(&self) -> bool {
        self.effects.iter().any(|(effect, events)| effect.is_difference() && *events > 0)
    }
}

/// What is told while it goes on.
pub enum DiffTold {
    Change(EventChange),
    /// So many of so many events are dealt with.
    Progress {
        done: u64,
        of: u64,
    },
}

/// One event's second run, by another module.
struct Judged {
    effect: Effect,
    change: Option<EventChange>,
    before: Figures,
    after: Figures,
}

/// Runs a candidate over the settled events of its handler, each as the attempt that settled it.
///
/// # Errors
/// When the database cannot be read, or the candidate cannot be run here.
pub fn diff(
    inspect: &dyn Inspect,
    mut config: DiffConfig,
    tell: &mut dyn FnMut(DiffTold),
) -> Result<Comparison, ReplayError> {
    let mut walk = Walk::over(inspect, &config.which, config.seed)?;
    let modules = modules_by_id(inspect, config.candidate.name())?;
    let limits = modules.values().map(|module| module.limits.unwrap_or_default());
    let stack_bytes_max = limits.map(|limits| limits.stack_bytes_max).max().unwrap_or_default();
    let mut left = config.which.attempts_max();
    let mut tally = Tally::default();
    Crew::at_work(config.workers, stack_bytes_max, &judge, |crew| {
        while left > 0
            && let Some(events) = walk.page()?
        {
            let Jobs { mut jobs, not_comparable } = Jobs::of(events, &modules, &mut config.candidate)?;
            tally.not_comparable += not_comparable;
            jobs.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            left -= jobs.len() as u64;
            crew.run(jobs, &mut |judged| {
                tally.add(&judged);
                judged.change.into_iter().for_each(|change| tell(DiffTold::Change(change)));
            })?;
            tell(DiffTold::Progress { done: walk.looked_at, of: walk.events });
        }
        Ok(())
    })?;
    Ok(tally.end())
}

fn modules_by_id(
    inspect: &dyn Inspect,
    handler: &str,
) -> Result<BTreeMap<ModuleId, RecordedModule>, ReplayError> {
    let modules = inspect.modules()?.into_iter().filter(|module| module.handler == handler);
    Ok(modules.map(|module| (module.id, module)).collect())
}

/// Jobs, and how many events there can be none for.
#[derive(Default)]
struct Jobs {
    jobs: Vec<Job>,
    not_comparable: u64,
}

impl Jobs {
    /// A job for each event that is settled: with the attempt that settled it, under its limits, or the usual
    /// ones where they were not kept.
    fn of(
        events: Vec<RecordedEvent>,
        modules: &BTreeMap<ModuleId, RecordedModule>,
        candidate: &mut Candidate,
    ) -> Result<Self, ReplayError> {
        let mut made = Jobs::default();
        for event in events {
            let last = event
                .attempts
                .iter()
                .enumerate()
                .filter(|(_, attempt)| attempt.result.is_some())
                .find_map(|(place, attempt)| Some((place, modules.get(&attempt.module)?)));
            let Some((place, RecordedModule { limits, grants, .. })) = last else { continue };
            if grants.secrets().next().is_some() {
                made.not_comparable += 1;
                continue;
            }
            let handler = candidate.under(limits.unwrap_or_default(), grants)?;
            made.jobs.push(Job { event: Arc::new(event), place, handler });
        }
        Ok(made)
    }
}

fn judge(job: &Job, report: Report) -> Judged {
    let (event, attempt) = (&job.event, job.attempt());
    // Jobs are made of attempts that have a result.
    let result = attempt.result.as_ref().expect("the attempt settled its event");
    let fields = differences(attempt, &report);
    let differs = |names: &[&str]| fields.iter().any(|difference| names.contains(&difference.field));
    let effect = match (result.status, &report.verdict) {
        (ResultStatus::Ok, Verdict::Ok { .. }) if differs(&["output", "emitted"]) => Effect::Changed,
        (ResultStatus::Ok, Verdict::Ok { .. }) => Effect::Equal,
        (ResultStatus::Ok, _) => Effect::NowFailing,
        (ResultStatus::Dead, Verdict::Ok { .. }) => Effect::NowFixed,
        (ResultStatus::Dead, _) if differs(&["verdict", "message"]) => Effect::FailingOtherwise,
        (ResultStatus::Dead, _) => Effect::FailingAlike,
    };
    let change = effect.is_difference().then(|| EventChange {
        source: event.source.clone(),
        id: event.id.clone(),
        effect,
        changes: field_changes(result, &report.verdict, differs(&["emitted"])),
    });
    Judged { effect, change, before: attempt.figures, after: report.figures }
}

fn field_changes(result: &RecordedResult, now: &Verdict, emits_otherwise: bool) -> Vec<FieldChange> {
    let mut found = match (&result.output, now) {
        (StoredOutput::Json(before), Verdict::Ok { output: Output::Json(after), .. })
            if **before != **after =>
        {
            let whole = || vec![named("output", Some(before.clone()), Some(after.to_string()))];
            // Another text of the same value has no changed field; the text is what changed.
            changes(before, after).filter(|changes| !changes.is_empty()).unwrap_or_else(whole)
        }
        _ => Vec::new(),
    };
    let error = match now {
        Verdict::Ok { .. } => None,
        _ => Some(now.reason()),
    };
    if result.error != error {
        found.push(named("error", result.error.clone(), error));
    }
    if emits_otherwise {
        let before = result.emitted.digest.map_or(0, |digest| digest.events);
        let count = |events: usize| Some(format!("{events} events"));
        found.push(named("emitted", count(before as usize), count(emitted(now).len())));
    }
    found
}

fn named(field: &str, before: Option<String>, after: Option<String>) -> FieldChange {
    FieldChange { pointer: field.to_owned(), before, after }
}

#[derive(Default)]
struct Tally {
    effects: BTreeMap<Effect, u64>,
    not_comparable: u64,
    before: [Spread; 3],
    after: [Spread; 3],
}

impl Tally {
    fn add(&mut self, judged: &Judged) {
        *self.effects.entry(judged.effect).or_default() += 1;
        for (spreads, figures) in [(&mut self.before, judged.before), (&mut self.after, judged.after)] {
            let Figures { fuel, peak_memory_bytes, duration_us } = figures;
            let values = [fuel, peak_memory_bytes, duration_us];
            spreads.iter_mut().zip(values).for_each(|(spread, value)| spread.add(value));
        }
    }

    fn end(self) -> Comparison {
        let both = |figure: usize| BeforeAfter {
            before: self.before[figure].percentiles(),
            after: self.after[figure].percentiles(),
        };
        Comparison {
            fuel: both(0),
            peak_memory_bytes: both(1),
            duration_us: both(2),
            not_comparable: self.not_comparable,
            effects: Effect::ALL
                .into_iter()
                .map(|effect| (effect, self.effects.get(&effect).copied().unwrap_or_default()))
                .collect(),
        }
    }
}
