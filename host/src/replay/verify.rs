//! Every attempt again: in another order, on other threads, on other memory.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;

use super::ReplayError;
use super::compare::{FieldDifference, differences};
use super::crew::{Crew, Job};
use super::modules::{Ground, Modules};
use super::reason::Reason;
use super::walk::{Walk, Which};
use crate::event::Report;
use crate::store::{Inspect, RecordedAttempt, RecordedEvent};

#[derive(Debug, Clone)]
pub struct VerifyConfig {
    pub which: Which,
    pub seed: u64,
    pub workers: NonZeroUsize,
    pub ground: Ground,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    pub equal: u64,
    pub different: u64,
    pub not_comparable: BTreeMap<Reason, Uncompared>,
}

/// Attempts that could not be compared, for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncompared {
    pub attempts: u64,
    /// The first of them, with what there is to say of it.
    pub first: String,
}

/// An attempt whose second run gave something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptDifference {
    pub source: String,
    pub id: String,
    pub attempt: u32,
    pub handler: String,
    pub fields: Vec<FieldDifference>,
}

/// What a second run showed.
enum Judged {
    Equal,
    Different(AttemptDifference),
    NotComparable(Reason, String),
}

/// What is told while it goes on.
#[derive(Debug)]
pub enum Told {
    Difference(AttemptDifference),
    /// So much of so much is done: attempts of a sample, or else events.
    Progress {
        done: u64,
        of: u64,
    },
}

impl Findings {
    /// Attempts that were compared.
    pub fn checked(&self) -> u64 {
        self.equal + self.different
    }
}

/// Runs attempts again and compares; `tell` hears of every difference.
///
/// # Errors
/// When the database cannot be read, or nothing can be run here at all.
pub fn verify(
    inspect: &dyn Inspect,
    config: &VerifyConfig,
    tell: &mut dyn FnMut(Told),
) -> Result<Findings, ReplayError> {
    let modules = Modules::of(inspect, config.ground.clone())?;
    let stack_bytes_max = modules.stack_bytes_max();
    let mut pass = Pass {
        which: &config.which,
        walk: Walk::over(inspect, &config.which, config.seed)?,
        modules,
        random: SmallRng::seed_from_u64(config.seed),
        attempts_left: config.which.attempts_max(),
        findings: Findings::default(),
    };
    Crew::at_work(config.workers, stack_bytes_max, &judge, |crew| {
        while pass.attempts_left > 0
            && let Some(events) = pass.walk.page()?
        {
            pass.page(crew, events, tell)?;
        }
        Ok(())
    })?;
    Ok(pass.findings)
}

/// One pass over a database.
struct Pass<'i> {
    which: &'i Which,
    walk: Walk<'i>,
    modules: Modules<'i>,
    random: SmallRng,
    attempts_left: u64,
    findings: Findings,
}

impl Pass<'_> {
    fn page(
        &mut self,
        crew: &Crew<Judged>,
        events: Vec<RecordedEvent>,
        tell: &mut dyn FnMut(Told),
    ) -> Result<(), ReplayError> {
        let mut jobs = self.jobs(events)?;
        jobs.shuffle(&mut self.random);
        let findings = &mut self.findings;
        crew.run(jobs, &mut |judged| match judged {
            Judged::Equal => findings.equal += 1,
            Judged::Different(difference) => {
                findings.different += 1;
                tell(Told::Difference(difference));
            }
            Judged::NotComparable(reason, which) => findings.set_aside(reason, || which),
        })?;
        tell(self.progress());
        Ok(())
    }

    fn progress(&self) -> Told {
        match self.which {
            Which::Sample(of) => Told::Progress { done: of - self.attempts_left, of: *of },
            _ => Told::Progress { done: self.walk.looked_at, of: self.walk.events },
        }
    }

    /// A job for each attempt that can be compared; the others are counted.
    fn jobs(&mut self, events: Vec<RecordedEvent>) -> Result<Vec<Job>, ReplayError> {
        let mut jobs = Vec::new();
        for event in events.into_iter().map(Arc::new) {
            for (place, attempt) in event.attempts.iter().enumerate() {
                if self.attempts_left == 0 {
                    return Ok(jobs);
                }
                self.attempts_left -= 1;
                if let Some(reason) = Reason::of_recorded(&attempt.verdict) {
                    self.findings.set_aside(reason, || name(&event, attempt));
                    continue;
                }
                match self.modules.handler(attempt.module)? {
                    Ok(handler) => jobs.push(Job { event: event.clone(), place, handler }),
                    Err((reason, details)) => {
                        self.findings.set_aside(reason, || format!("{}: {details}", name(&event, attempt)));
                    }
                }
            }
        }
        Ok(jobs)
    }
}

impl Findings {
    fn set_aside(&mut self, reason: Reason, describe: impl FnOnce() -> String) {
        let uncompared = self
            .not_comparable
            .entry(reason)
            .or_insert_with(|| Uncompared { attempts: 0, first: describe() });
        uncompared.attempts += 1;
    }
}

fn judge(job: &Job, report: Report) -> Judged {
    let (event, attempt) = (&job.event, job.attempt());
    if let Some(reason) = Reason::of_now(&attempt.verdict, report.verdict.code()) {
        return Judged::NotComparable(reason, name(event, attempt));
    }
    let fields = differences(attempt, &report);
    if fields.is_empty() {
        return Judged::Equal;
    }
    Judged::Different(AttemptDifference {
        source: event.source.clone(),
        id: event.id.clone(),
        attempt: attempt.number,
        handler: job.handler.name().to_owned(),
        fields,
    })
}

/// An attempt as people name it.
fn name(event: &RecordedEvent, attempt: &RecordedAttempt) -> String {
    format!("event {} of {}, attempt {}", event.id, event.source, attempt.number)
}
