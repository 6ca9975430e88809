//! Recording how attempts ended: result, history and emitted events together, and only while the
//! lease is still ours.

use rusqlite::params;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::exchange;
use super::writer::Writer;
use crate::event::{AttemptCounts, EmittedDigest, LogLine, NewEvent, Output, Report, Settlement, Verdict};
use crate::store::{Addressed, LeaseId, Route, SettleFate, Settled};

impl Writer<'_> {
    pub fn settle(&mut self, batch: Vec<Settled>) -> rusqlite::Result<Vec<SettleFate>> {
        batch.into_iter().map(|settled| self.settle_one(settled)).collect()
    }

    pub fn settle_one(&mut self, settled: Settled) -> rusqlite::Result<SettleFate> {
        let is_ours = match settled.settlement {
            Settlement::Done | Settlement::Dead => self.end_lease(&settled)?,
            Settlement::RetryAt(at) => self.put_back(&settled, at.0.max(1))?,
        };
        if !is_ours {
            return Ok(SettleFate::LeaseLost);
        }
        if has_story(&settled.report) {
            self.record_attempt(&settled)?;
        }
        for (index, one) in settled.report.exchanges.iter().enumerate() {
            exchange::insert(&mut self.sql.exchange_insert, settled.lease, index + 1, one)?;
        }
        if !matches!(settled.settlement, Settlement::RetryAt(_)) {
            self.record_outcome(&settled)?;
        }
        let emitted = match (settled.settlement, settled.report.verdict) {
            (Settlement::Done, Verdict::Ok { emitted, .. }) => emitted,
            _ => Vec::new(),
        };
        self.enqueue_emitted(settled.lease, emitted, settled.routes)
    }

    /// Takes the row away, if it still carries this attempt.
    fn end_lease(&mut self, Settled { lease, event_bytes, .. }: &Settled) -> rusqlite::Result<bool> {
        let ended =
            self.sql.pending_delete.execute(params![lease.event.0, lease.handler.0, lease.attempt])?;
        if ended == 1 {
            self.changes.settled(lease.handler, *event_bytes);
        }
        Ok(ended == 1)
    }

    /// Queues the event again, if the row still carries this attempt.
    fn put_back(&mut self, settled: &Settled, due_at_ms: i64) -> rusqlite::Result<bool> {
        let Settled { lease, counts, report, .. } = settled;
        let AttemptCounts { failures, deferrals, losses, .. } = counts.after(&report.verdict);
        let put_back = self.sql.pending_retry.execute(params![
            lease.event.0,
            lease.handler.0,
            lease.attempt,
            due_at_ms,
            failures,
            deferrals,
            losses
        ])?;
        Ok(put_back == 1)
    }

    fn record_outcome(&mut self, settled: &Settled) -> rusqlite::Result<()> {
        let Settled { lease, module, report, settlement, finished_at, .. } = settled;
        let is_dead = *settlement == Settlement::Dead;
        let error = is_dead.then(|| report.verdict.reason());
        let output = match &report.verdict {
            Verdict::Ok { output, .. } => output_value(output),
            _ => ToSqlOutput::Borrowed(ValueRef::Null),
        };
        let figures = &report.figures;
        self.sql.outcome_insert.execute(params![
            lease.event.0,
            lease.handler.0,
            module.0,
            is_dead,
            lease.attempt,
            figures.fuel as i64,
            figures.peak_memory_bytes as i64,
            figures.duration_us as i64,
            finished_at.0,
            error,
            output
        ])?;
        Ok(())
    }

    fn record_attempt(&mut self, settled: &Settled) -> rusqlite::Result<()> {
        let Settled { lease, module, report, finished_at, .. } = settled;
        let (verdict, figures) = (&report.verdict, &report.figures);
        self.sql.attempt_insert.execute(params![
            lease.event.0,
            lease.handler.0,
            lease.attempt,
            module.0,
            verdict.code(),
            verdict.message(),
            verdict.backtrace(),
            logs_json(&report.logs),
            figures.fuel as i64,
            figures.peak_memory_bytes as i64,
            figures.duration_us as i64,
            finished_at.0
        ])?;
        Ok(())
    }

    /// Before the events themselves: `next_seq` is the number of the first that is new to the store.
    fn record_emitted(&mut self, lease: LeaseId, digest: EmittedDigest) -> rusqlite::Result<()> {
        let EmittedDigest { events, sha256 } = digest;
        let row = params![lease.event.0, lease.handler.0, events, &sha256[..], self.next_seq];
        self.sql.emitted_insert.execute(row).map(drop)
    }

    /// Queues what a handler emitted; counts the handlers that have it to settle.
    fn enqueue_emitted(
        &mut self,
        lease: LeaseId,
        emitted: Vec<NewEvent>,
        routes: Vec<Route>,
    ) -> rusqlite::Result<SettleFate> {
        if let Some(digest) = EmittedDigest::of(&emitted) {
            self.record_emitted(lease, digest)?;
        }
        let now = self.now();
        let mut deliveries = 0;
        for event in Addressed::each(emitted, routes) {
            deliveries += self.enqueue_one(event, Some(lease.event), now)?.deliveries();
        }
        Ok(SettleFate::Recorded { emitted: deliveries })
    }
}

/// Whether an attempt tells more than its outcome does.
fn has_story(report: &Report) -> bool {
    !matches!(report.verdict, Verdict::Ok { .. }) || !report.logs.is_empty()
}

fn output_value(output: &Output) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match output {
        Output::None => ValueRef::Null,
        Output::Json(text) => ValueRef::Text(text.as_bytes()),
        Output::Bytes(bytes) => ValueRef::Blob(bytes),
    })
}

/// Log lines as JSON pairs of level and text.
fn logs_json(logs: &[LogLine]) -> Option<String> {
    if logs.is_empty() {
        return None;
    }
    let pairs = logs.iter().map(|line| serde_json::json!([line.level.as_str(), line.text]));
    Some(serde_json::Value::Array(pairs.collect()).to_string())
}
