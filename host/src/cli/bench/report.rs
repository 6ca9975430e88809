//! What a bench tells: rows of figures, ratios and what is to be reached, for text, JSON and chart
//! alike.

use serde_json::{Value, json};

use super::figures::Series;
use super::machine::Machine;
use super::rounds::Measured;
use super::rows;
use super::subject::Subject;

pub struct Report {
    pub machine: Machine,
    pub fsync_ms: Series,
    pub handler: String,
    pub events: String,
    pub event_bytes_mean: f64,
    pub rows: Vec<Row>,
    pub notes: Vec<String>,
}

/// One thing that was measured.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name for programs.
    pub key: &'static str,
    pub name: String,
    pub figure: Series,
    pub unit: Unit,
    pub ratio: Option<Ratio>,
    pub reach: Option<Reach>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    MicrosPerEvent,
    EventsPerSecond,
    Millis,
    BytesPerEvent,
    Megabytes,
    PercentOfACore,
}

/// The figure beside another one.
#[derive(Debug, Clone)]
pub struct Ratio {
    pub rounds: Series,
    /// What the number counts, as in "0.71 of SQLite alone".
    pub of: &'static str,
}

/// What a row is to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    pub bound: Bound,
    pub on: On,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Figure,
    Ratio,
}

impl Unit {
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::MicrosPerEvent => "us/event",
            Unit::EventsPerSecond => "events/s",
            Unit::Millis => "ms",
            Unit::BytesPerEvent => "bytes/event",
            Unit::Megabytes => "MB",
            Unit::PercentOfACore => "% of a core",
        }
    }
}

impl Bound {
    pub fn holds(self, value: f64) -> bool {
        match self {
            Bound::AtMost(most) => value <= most,
            Bound::AtLeast(least) => value >= least,
        }
    }

    /// How far the value has come: 1 at the bound, more beyond it.
    pub fn share_reached(self, value: f64) -> f64 {
        match self {
            Bound::AtMost(most) => most / value,
            Bound::AtLeast(least) => value / least,
        }
    }
}

impl Row {
    /// The number that is held against the reach.
    pub fn judged(&self) -> Option<(Reach, f64)> {
        let reach = self.reach?;
        let series = match reach.on {
            On::Figure => &self.figure,
            On::Ratio => &self.ratio.as_ref()?.rounds,
        };
        (!series.is_empty()).then(|| (reach, series.median()))
    }

    pub fn is_reached(&self) -> Option<bool> {
        self.judged().map(|(reach, value)| reach.bound.holds(value))
    }

    fn as_json(&self) -> Value {
        json!({
            "key": self.key,
            "name": self.name,
            "figure": self.figure.median(),
            "unit": self.unit.as_str(),
            "rounds": self.figure.rounds(),
            "ratio": self.ratio.as_ref().map(|ratio| ratio.rounds.median()),
            "ratio_of": self.ratio.as_ref().map(|ratio| ratio.of),
            "ratio_rounds": self.ratio.as_ref().map(|ratio| ratio.rounds.rounds()),
            "reach": self.reach.map(Reach::as_json),
            "reached": self.is_reached(),
        })
    }
}

impl Reach {
    fn as_json(self) -> Value {
        let on = match self.on {
            On::Figure => "figure",
            On::Ratio => "ratio",
        };
        match self.bound {
            Bound::AtMost(most) => json!({"on": on, "at_most": most}),
            Bound::AtLeast(least) => json!({"on": on, "at_least": least}),
        }
    }
}

impl Report {
    pub fn of(subject: &Subject, measured: &Measured) -> Self {
        Report {
            machine: subject.machine.clone(),
            fsync_ms: measured.fsync_ms.clone(),
            handler: subject.handler_described.clone(),
            events: subject.workload.described.clone(),
            event_bytes_mean: subject.workload.mean_bytes(),
            rows: rows::of(measured, subject.workers.get(), subject.workload.events),
            notes: subject.notes.clone(),
        }
    }

    pub fn as_json(&self) -> Value {
        let Machine { cores, cpu, os, version, commit, engine, sqlite } = &self.machine;
        json!({
            "wasm_evq": version,
            "commit": commit,
            "engine": engine,
            "sqlite": sqlite,
            "machine": {"cores": cores, "cpu": cpu, "os": os, "fsync_ms": self.fsync_ms.median()},
            "handler": self.handler,
            "events": self.events,
            "event_bytes_mean": self.event_bytes_mean,
            "rounds": self.fsync_ms.rounds().len(),
            "rows": self.rows.iter().map(Row::as_json).collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(figures: &[f64]) -> Series {
        let mut series = Series::default();
        figures.iter().for_each(|figure| series.push(*figure));
        series
    }

    fn row(reach: Reach) -> Row {
        Row {
            key: "end_to_end",
            name: "end to end".into(),
            figure: series(&[90.0, 100.0, 110.0]),
            unit: Unit::EventsPerSecond,
            ratio: Some(Ratio { rounds: series(&[0.5, 0.6, 0.9]), of: "of SQLite alone" }),
            reach: Some(reach),
        }
    }

    #[test]
    fn a_row_is_judged_by_the_median_of_what_its_reach_is_about() {
        let on_ratio = row(Reach { bound: Bound::AtLeast(0.7), on: On::Ratio });
        assert_eq!(on_ratio.is_reached(), Some(false));
        let on_figure = row(Reach { bound: Bound::AtMost(100.0), on: On::Figure });
        assert_eq!(on_figure.is_reached(), Some(true));
        assert_eq!(Row { reach: None, ..on_figure }.is_reached(), None);
    }

    #[test]
    fn a_share_of_one_is_the_bound_whichever_way_is_better() {
        assert_eq!(Bound::AtMost(50.0).share_reached(25.0), 2.0);
        assert_eq!(Bound::AtLeast(2.0).share_reached(1.0), 0.5);
    }

    #[test]
    fn json_holds_every_round_and_what_was_to_be_reached() {
        let json = row(Reach { bound: Bound::AtLeast(0.7), on: On::Ratio }).as_json();
        assert_eq!(json["rounds"], json!([90.0, 100.0, 110.0]));
        assert_eq!((&json["ratio"], &json["reached"]), (&json!(0.6), &json!(false)));
        assert_eq!(json["reach"], json!({"on": "ratio", "at_least": 0.7}));
    }
}
