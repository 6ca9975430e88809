//! From what was measured to the rows that tell it, each with what is to be reached. What was not
//! measured gets no row.

use indicatif::HumanCount;

use super::claims;
use super::figures::Series;
use super::report::{Bound, On, Ratio, Reach, Row, Unit};
use super::rounds::{LatencySeries, Measured};

/// Fresh on all cores over fresh on one, for each core: 1.9 on two.
const SCALING_PER_CORE: f64 = 0.95;

pub fn of(m: &Measured, cores: usize, events: usize) -> Vec<Row> {
    let mut rows = instances(m, cores);
    rows.extend(storage(m));
    rows.extend(latency(m));
    rows.extend(process(m, events));
    rows.extend(claiming(m));
    rows.retain(|row| !row.figure.is_empty());
    rows
}

fn instances(m: &Measured, cores: usize) -> Vec<Row> {
    let all = |what: &str| format!("{what}, {cores} threads");
    let naive = "times as slow as fresh";
    vec![
        row("floor", "one instance reused", m.floor.map(micros(1)), Unit::MicrosPerEvent),
        row("fresh_one", "fresh instance, 1 thread", m.fresh_one.map(micros(1)), Unit::MicrosPerEvent)
            .beside(m.floor.over(&m.fresh_one), "times one reused")
            .reaching(Bound::AtMost(1.5), On::Ratio),
        row("fresh_all", all("fresh instance"), m.fresh_all.map(micros(cores)), Unit::MicrosPerEvent)
            .beside(m.fresh_all.over(&m.fresh_one), "times the rate of 1")
            .reaching(Bound::AtLeast(SCALING_PER_CORE * cores as f64), On::Ratio),
        row("on_demand_one", "on demand, 1 thread", m.on_demand_one.map(micros(1)), Unit::MicrosPerEvent)
            .beside(m.fresh_one.over(&m.on_demand_one), naive),
        row("on_demand_all", all("on demand"), m.on_demand_all.map(micros(cores)), Unit::MicrosPerEvent)
            .beside(m.fresh_all.over(&m.on_demand_all), naive),
        row(
            "pooling_one",
            "wasmtime's pooling, 1 thread",
            m.pooling_one.map(micros(1)),
            Unit::MicrosPerEvent,
        )
        .beside(m.fresh_one.over(&m.pooling_one), naive),
        row("pooling_all", all("wasmtime's pooling"), m.pooling_all.map(micros(cores)), Unit::MicrosPerEvent)
            .beside(m.fresh_all.over(&m.pooling_all), naive)
            .reaching(Bound::AtLeast(3.0), On::Ratio),
    ]
}

fn storage(m: &Measured) -> Vec<Row> {
    vec![
        row("ceiling", "SQLite alone", m.ceiling.clone(), Unit::EventsPerSecond),
        row("end_to_end", "end to end", m.road.clone(), Unit::EventsPerSecond)
            .beside(m.road.over(&m.ceiling), "of SQLite alone")
            .reaching(Bound::AtLeast(0.7), On::Ratio),
        row(
            "overhead_bytes",
            "database beyond event and output",
            m.overhead_bytes.clone(),
            Unit::BytesPerEvent,
        )
        .reaching(Bound::AtMost(120.0), On::Figure),
        row(
            "wasmtime_serve",
            "wasmtime serve, nothing stored",
            m.wasmtime_serve.clone(),
            Unit::EventsPerSecond,
        )
        .beside(m.road.over(&m.wasmtime_serve), "times as slow as end to end")
        .reaching(Bound::AtLeast(12.0), On::Ratio),
    ]
}

fn latency(m: &Measured) -> Vec<Row> {
    let row = |key, name: &str, figure: &Series| {
        row(key, name, figure.clone(), Unit::Millis).beside(figure.over(&m.latency_fsync_ms), "fsyncs")
    };
    let LatencySeries { p50, p99, p999 } = &m.idle;
    let mut rows = vec![
        row("idle_p50", "latency at idle, p50", p50).reaching(Bound::AtMost(2.0), On::Ratio),
        row("idle_p99", "latency at idle, p99", p99),
        row("idle_p999", "latency at idle, p99.9", p999),
    ];
    let LatencySeries { p50, p99, p999 } = &m.half_load;
    rows.extend([
        row("half_load_p50", "latency at half load, p50", p50),
        row("half_load_p99", "latency at half load, p99", p99),
        row("half_load_p999", "latency at half load, p99.9", p999),
    ]);
    rows
}

fn process(m: &Measured, events: usize) -> Vec<Row> {
    let memory = format!("peak memory, {} events", HumanCount(events as u64));
    vec![
        row("first_result", "process start to end, 1 event", m.first_result_ms.clone(), Unit::Millis)
            .reaching(Bound::AtMost(50.0), On::Figure),
        row("memory", memory, m.memory_mb.clone(), Unit::Megabytes)
            .beside(m.memory_growth.clone(), "times that at half time")
            .reaching(Bound::AtMost(120.0), On::Figure),
        row("idle_cpu", "waiting host", m.idle_cpu_percent.clone(), Unit::PercentOfACore)
            .reaching(Bound::AtMost(0.5), On::Figure),
    ]
}

fn claiming(m: &Measured) -> Vec<Row> {
    let name = |pending| format!("claims, {} pending", HumanCount(pending as u64));
    vec![
        row("claims_few", name(claims::FEW), m.claims_few.clone(), Unit::EventsPerSecond),
        row("claims_many", name(claims::MANY), m.claims_many.clone(), Unit::EventsPerSecond)
            .beside(m.claims_many.over(&m.claims_few), "times that with few")
            .reaching(Bound::AtLeast(0.95), On::Ratio),
    ]
}

/// From events a second over all threads to us an event on each.
fn micros(threads: usize) -> impl Fn(f64) -> f64 {
    move |events_per_s| threads as f64 * 1e6 / events_per_s
}

fn row(key: &'static str, name: impl Into<String>, figure: Series, unit: Unit) -> Row {
    Row { key, name: name.into(), figure, unit, ratio: None, reach: None }
}

impl Row {
    /// Nothing stands beside a figure whose counterpart was not measured.
    fn beside(self, rounds: Series, of: &'static str) -> Self {
        let ratio = (!rounds.is_empty()).then_some(Ratio { rounds, of });
        Row { ratio, ..self }
    }

    fn reaching(self, bound: Bound, on: On) -> Self {
        Row { reach: Some(Reach { bound, on }), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn once(figure: f64) -> Series {
        let mut series = Series::default();
        series.push(figure);
        series
    }

    #[test]
    fn what_was_not_measured_gets_no_row_and_no_ratio() {
        let measured = Measured { fresh_one: once(200_000.0), ..Measured::default() };
        let rows = of(&measured, 2, 1);
        let [fresh] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((fresh.key, fresh.figure.median()), ("fresh_one", 5.0));
        assert!(fresh.ratio.is_none() && fresh.is_reached().is_none());
    }

    #[test]
    fn time_is_told_for_each_thread_and_scaling_for_all() {
        let measured =
            Measured { fresh_one: once(100_000.0), fresh_all: once(390_000.0), ..Measured::default() };
        let all = of(&measured, 4, 1).remove(1);
        assert!((all.figure.median() - 10.256).abs() < 0.001);
        assert_eq!(all.ratio.as_ref().map(|ratio| ratio.rounds.median()), Some(3.9));
        assert_eq!(all.is_reached(), Some(true));
    }
}
