//! Prometheus's text into OTLP's metrics: the same series under the same names, histograms bucket by bucket.
//!
//! So there is one set of books. The SDK's instruments would be a second one, and the registry of
//! `prometheus-client` shows its histograms to nobody but its encoders.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, Sum, metric::Data,
};

/// What the figures are of, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub from: u64,
    pub to: u64,
}

/// The series of a text. It is our own encoder's: of what else the format has, nothing is read.
pub fn metrics_of(text: &str, span: Span) -> Vec<Metric> {
    let mut metrics = Vec::new();
    let (mut help, mut family) = ("", None);
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ').map_or("", |(_, help)| help);
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' '))
        {
            metrics.extend(
                family.replace(Family::new(name, kind, help)).map(|done: Family<'_>| done.metric(span)),
            );
        } else if let (Some(family), Some(sample)) = (&mut family, Sample::of(line)) {
            family.samples.push(sample);
        }
    }
    metrics.extend(family.map(|done| done.metric(span)));
    // A family without a series says nothing.
    metrics.retain(|metric| metric.data.is_some());
    metrics
}

/// `name{label="value"} 1`
struct Sample<'t> {
    name: &'t str,
    labels: Vec<(&'t str, String)>,
    value: &'t str,
}

impl<'t> Sample<'t> {
    fn of(line: &'t str) -> Option<Self> {
        let (series, value) = line.rsplit_once(' ')?;
        let Some((name, labels)) = series.split_once('{') else {
            return Some(Sample { name: series, labels: Vec::new(), value });
        };
        Some(Sample { name, labels: labels_of(labels.strip_suffix('}')?), value })
    }

    /// Its labels but for the bound of its bucket, which is returned beside them.
    fn take_bound(mut self) -> (Vec<(&'t str, String)>, Option<f64>) {
        let at = self.labels.iter().position(|(name, _)| *name == "le");
        let bound = at.map(|at| self.labels.remove(at).1);
        (self.labels, bound.and_then(|text| text.parse().ok()))
    }
}

/// `a="1",b="say \"hi\""`
fn labels_of(mut text: &str) -> Vec<(&str, String)> {
    let mut labels = Vec::new();
    while let Some((name, rest)) = text.split_once("=\"") {
        let mut value = String::new();
        let mut chars = rest.char_indices();
        let mut end = rest.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    end = at + 1;
                    break;
                }
                '\\' => value.extend(chars.next().map(|(_, c)| if c == 'n' { '\n' } else { c })),
                _ => value.push(c),
            }
        }
        labels.push((name, value));
        text = rest[end..].trim_start_matches(',');
    }
    labels
}

/// The series of one name.
struct Family<'t> {
    name: &'t str,
    kind: &'t str,
    help: &'t str,
    samples: Vec<Sample<'t>>,
}

impl<'t> Family<'t> {
    fn new(name: &'t str, kind: &'t str, help: &'t str) -> Self {
        Family { name, kind, help, samples: Vec::new() }
    }

    fn metric(self, span: Span) -> Metric {
        let (name, description) = (self.name.to_owned(), self.help.to_owned());
        let unit = unit_of(self.name).to_owned();
        let data = (!self.samples.is_empty()).then(|| self.data(span)).flatten();
        Metric { name, description, unit, data, ..Metric::default() }
    }

    fn data(self, span: Span) -> Option<Data> {
        let aggregation_temporality = AggregationTemporality::Cumulative as i32;
        match self.kind {
            "counter" => {
                let data_points = self.numbers(span.from, span.to);
                Some(Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic: true }))
            }
            "gauge" => Some(Data::Gauge(Gauge { data_points: self.numbers(0, span.to) })),
            "histogram" => {
                let data_points = self.distributions(span);
                Some(Data::Histogram(Histogram { data_points, aggregation_temporality }))
            }
            _ => None,
        }
    }

    fn numbers(self, start_time_unix_nano: u64, time_unix_nano: u64) -> Vec<NumberDataPoint> {
        let point = |sample: Sample<'_>| NumberDataPoint {
            value: number_of(sample.value),
            attributes: attributes_of(sample.labels),
            start_time_unix_nano,
            time_unix_nano,
            ..NumberDataPoint::default()
        };
        self.samples.into_iter().map(point).collect()
    }

    /// The buckets of each set of labels, put together.
    fn distributions(self, span: Span) -> Vec<HistogramDataPoint> {
        let mut points = BTreeMap::<Vec<(&str, String)>, HistogramDataPoint>::new();
        for sample in self.samples {
            let part = sample.name.strip_prefix(self.name).unwrap_or_default();
            let value = sample.value;
            let (labels, bound) = sample.take_bound();
            let point = points.entry(labels).or_default();
            match (part, bound) {
                ("_bucket", Some(bound)) => add_bucket(point, bound, value.parse().unwrap_or(0)),
                ("_sum", _) => point.sum = value.parse().ok(),
                ("_count", _) => point.count = value.parse().unwrap_or(0),
                _ => {}
            }
        }
        let whole = |(labels, point)| HistogramDataPoint {
            attributes: attributes_of(labels),
            start_time_unix_nano: span.from,
            time_unix_nano: span.to,
            ..point
        };
        points.into_iter().map(whole).collect()
    }
}

/// Prometheus counts in each bucket what is in the ones before, too; OTLP does not, and leaves out the last
/// one's bound, which is infinite.
fn add_bucket(point: &mut HistogramDataPoint, bound: f64, up_to_here: u64) {
    let before: u64 = point.bucket_counts.iter().sum();
    point.bucket_counts.push(up_to_here.saturating_sub(before));
    if bound.is_finite() {
        point.explicit_bounds.push(bound);
    }
}

/// By the end of the name, as Prometheus's conventions have it; the code is UCUM's.
fn unit_of(name: &str) -> &'static str {
    match name.rsplit('_').next() {
        Some("seconds") => "s",
        Some("bytes") => "By",
        _ => "",
    }
}

fn number_of(text: &str) -> Option<Number> {
    text.parse().map(Number::AsInt).or_else(|_| text.parse().map(Number::AsDouble)).ok()
}

fn attributes_of(labels: Vec<(&str, String)>) -> Vec<KeyValue> {
    let attribute = |(name, value): (&str, String)| KeyValue {
        key: name.to_owned(),
        value: Some(AnyValue { value: Some(Value::StringValue(value)) }),
        ..KeyValue::default()
    };
    labels.into_iter().map(attribute).collect()
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::prometheus_text;
    use prometheus_client::metrics::counter::Counter;
    use prometheus_client::metrics::family::Family;
    use prometheus_client::metrics::gauge::Gauge;
    use prometheus_client::metrics::histogram::Histogram;
    use prometheus_client::registry::{Registry, Unit};

    use super::*;

    const SPAN: Span = Span { from: 1, to: 2 };

    fn metrics(registry: &Registry) -> Vec<Metric> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, registry).unwrap();
        metrics_of(&text, SPAN)
    }

    #[test]
    fn counters_and_gauges_keep_names_labels_and_values() {
        let mut registry = Registry::with_prefix("evq");
        let family = Family::<Vec<(String, String)>, Counter>::default();
        let name = "a \"b\\c\", d=\"\n{e}";
        family
            .get_or_create(&vec![("handler".into(), name.into()), ("verdict".into(), "ok".into())])
            .inc_by(7);
        registry.register("attempts", "Recorded attempts", family);
        let age = Gauge::<f64, std::sync::atomic::AtomicU64>::default();
        age.set(0.25);
        registry.register_with_unit("age", "Age", Unit::Seconds, age);
        registry.register("nothing", "No series", Family::<Vec<(String, String)>, Counter>::default());
        let metrics = metrics(&registry);
        let [attempts, age] = &metrics[..] else { panic!("{metrics:?}") };
        assert_eq!((&*attempts.name, &*attempts.description), ("evq_attempts_total", "Recorded attempts."));
        let Some(Data::Sum(sum)) = &attempts.data else { panic!("{attempts:?}") };
        assert!(sum.is_monotonic && sum.aggregation_temporality == 2);
        let point = &sum.data_points[0];
        assert_eq!((point.value, point.start_time_unix_nano), (Some(Number::AsInt(7)), 1));
        assert_eq!(point.attributes, attributes_of(vec![("handler", name.into()), ("verdict", "ok".into())]));
        assert_eq!((&*age.name, &*age.unit), ("evq_age_seconds", "s"));
        let Some(Data::Gauge(gauge)) = &age.data else { panic!("{age:?}") };
        assert_eq!(gauge.data_points[0].value, Some(Number::AsDouble(0.25)));
    }

    #[test]
    fn histograms_are_exact() {
        let mut registry = Registry::default();
        let histogram = Histogram::new([1.0, 2.5, 1e6]);
        [0.5, 1.0, 2.0, 2e6].into_iter().for_each(|value| histogram.observe(value));
        registry.register_with_unit("memory", "Memory", Unit::Bytes, histogram);
        let metrics = metrics(&registry);
        let Some(Data::Histogram(histogram)) = &metrics[0].data else { panic!("{metrics:?}") };
        let point = &histogram.data_points[0];
        assert_eq!(point.bucket_counts, [2, 1, 0, 1]);
        assert_eq!(point.explicit_bounds, [1.0, 2.5, 1e6]);
        assert_eq!((point.count, point.sum), (4, Some(2_000_003.5)));
    }
}
