//! The rounds: everything once in each, one after another, so that a figure and what it is compared
//! with are measured within the same minute.

use clap::ValueEnum;

use super::figures::Series;
use super::latency::{self, Latency};
use super::part::Part;
use super::plan::Plan;
use super::progress::Progress;
use super::subject::Subject;
use super::{ceiling, claims, instances, machine, process, road};
use crate::cli::Failure;
use crate::sandbox::Allocation;

/// Naive instances are slow; a part of the events tells as much.
const NAIVE_SHARE: usize = 10;

/// Every figure of every round. What was not asked for is empty. Rates are events a second over all
/// threads.
#[derive(Debug, Default)]
pub struct Measured {
    pub fsync_ms: Series,
    pub floor: Series,
    pub fresh_one: Series,
    pub fresh_all: Series,
    pub on_demand_one: Series,
    pub on_demand_all: Series,
    pub pooling_one: Series,
    pub pooling_all: Series,
    pub ceiling: Series,
    pub road: Series,
    pub overhead_bytes: Series,
    pub wasmtime_serve: Series,
    /// The same as `fsync_ms`, in turns with the events that come at idle.
    pub latency_fsync_ms: Series,
    pub idle: LatencySeries,
    pub half_load: LatencySeries,
    pub first_result_ms: Series,
    pub memory_mb: Series,
    pub memory_growth: Series,
    pub idle_cpu_percent: Series,
    pub claims_few: Series,
    pub claims_many: Series,
}

#[derive(Debug, Default)]
pub struct LatencySeries {
    pub p50: Series,
    pub p99: Series,
    pub p999: Series,
}

impl LatencySeries {
    fn push(&mut self, latency: Latency) {
        self.p50.push(latency.p50);
        self.p99.push(latency.p99);
        self.p999.push(latency.p999);
    }
}

pub fn measure(plan: &Plan, subject: &Subject) -> Result<Measured, Failure> {
    let progress = Progress::start(plan.rounds);
    let mut measured = Measured::default();
    for round in 0..plan.rounds {
        let mut one =
            Round { plan, subject, measured: &mut measured, tell: &|what| progress.tell(round, what) };
        let fsync_ms = one.fsync_ms()?;
        one.measured.fsync_ms.push(fsync_ms);
        for part in Part::value_variants().iter().filter(|part| plan.parts.has(**part)) {
            one.measure(*part)?;
        }
    }
    Ok(measured)
}

struct Round<'a> {
    plan: &'a Plan,
    subject: &'a Subject,
    measured: &'a mut Measured,
    tell: &'a dyn Fn(&str),
}

impl Round<'_> {
    /// Begins with the disk at rest: what an earlier part left for the kernel to write is not its affair.
    fn measure(&mut self, part: Part) -> Result<(), Failure> {
        rustix::fs::sync();
        match part {
            Part::Floor => self.floor(),
            Part::Fresh => self.fresh(),
            Part::Naive => self.naive(),
            Part::Ceiling => self.ceiling(),
            Part::EndToEnd => self.end_to_end(),
            Part::Rivals => self.rivals(),
            Part::Latency => self.latency(),
            Part::Process => self.process(),
            Part::Claims => self.claims(),
        }
    }

    fn fsync_ms(&self) -> Result<f64, Failure> {
        (self.tell)("the disk");
        let folder = self.subject.folder.path();
        machine::fsync_ms(folder)
            .map_err(|e| Failure::work(format!("cannot write in {}: {e}", folder.display())))
    }

    fn floor(&mut self) -> Result<(), Failure> {
        (self.tell)("one instance reused");
        let Subject { handler, .. } = self.subject;
        if !handler.can_be_reused() {
            return Ok(());
        }
        self.measured.floor.push(instances::reused(handler, self.subject.loop_sample())?);
        Ok(())
    }

    fn fresh(&mut self) -> Result<(), Failure> {
        (self.tell)("fresh instances");
        let (subject, events) = (self.subject, self.subject.loop_sample());
        let handlers = subject.handler.clone().replicas(subject.workers)?;
        self.measured.fresh_one.push(instances::fresh(&handlers[..1], events)?);
        self.measured.fresh_all.push(instances::fresh(&handlers, events)?);
        Ok(())
    }

    fn naive(&mut self) -> Result<(), Failure> {
        (self.tell)("naive instances");
        let (subject, all) = (self.subject, self.subject.workers.get());
        let events = subject.loop_sample();
        let events = &events[..events.len().div_ceil(NAIVE_SHARE)];
        // Each sandbox lives as long as it is measured: it reserves address space and keeps time.
        let (_sandbox, handler) = subject.naive(Allocation::WasmtimeOnDemand)?;
        let handlers = vec![handler; all];
        self.measured.on_demand_one.push(instances::fresh(&handlers[..1], events)?);
        self.measured.on_demand_all.push(instances::fresh(&handlers, events)?);
        let (_sandbox, handler) = subject.naive(Allocation::WasmtimePooling)?;
        let handlers = vec![handler; all];
        self.measured.pooling_one.push(instances::fresh(&handlers[..1], events)?);
        self.measured.pooling_all.push(instances::fresh(&handlers, events)?);
        Ok(())
    }

    fn ceiling(&mut self) -> Result<(), Failure> {
        (self.tell)("SQLite alone");
        self.measured.ceiling.push(ceiling::events_per_s(self.subject)?);
        Ok(())
    }

    fn end_to_end(&mut self) -> Result<(), Failure> {
        (self.tell)("end to end");
        let road = road::run(self.subject)?;
        self.measured.road.push(road.events_per_s);
        self.measured.overhead_bytes.push(road.overhead_bytes_per_event);
        Ok(())
    }

    fn rivals(&mut self) -> Result<(), Failure> {
        if let Some(rival) = &self.plan.wasmtime_serve {
            (self.tell)("wasmtime serve");
            self.measured.wasmtime_serve.push(rival.requests_per_s(self.subject)?);
        }
        Ok(())
    }

    fn latency(&mut self) -> Result<(), Failure> {
        (self.tell)("latency");
        let idle = latency::idle(self.subject)?;
        self.measured.idle.push(idle.latency);
        self.measured.latency_fsync_ms.push(idle.fsync_ms);
        let half = self.measured.road.rounds().last().map_or(1.0, |rate| rate / 2.0);
        self.measured.half_load.push(latency::under_load(self.subject, half)?);
        Ok(())
    }

    fn process(&mut self) -> Result<(), Failure> {
        (self.tell)("the program as a process");
        let measured = &mut self.measured;
        measured.first_result_ms.push(process::first_result_ms(self.subject)?);
        if let Some(memory) = process::memory(self.subject)? {
            measured.memory_mb.push(memory.peak_mb);
            measured.memory_growth.push(memory.growth);
        }
        if let Some(percent) = process::idle_cpu_percent(self.subject)? {
            measured.idle_cpu_percent.push(percent);
        }
        Ok(())
    }

    fn claims(&mut self) -> Result<(), Failure> {
        (self.tell)("claims from a long queue");
        self.measured.claims_few.push(claims::per_s(self.subject, claims::FEW)?);
        self.measured.claims_many.push(claims::per_s(self.subject, claims::MANY)?);
        Ok(())
    }
}
