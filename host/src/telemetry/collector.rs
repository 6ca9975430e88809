//! Which collector: what was asked for, and what OpenTelemetry's environment variables say beside it.

use percent_encoding::percent_decode_str;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Uri};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const HEADERS: [&str; 2] = ["OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"];

/// A collector that takes OTLP over HTTP, as protobuf.
#[derive(Clone)]
pub struct Collector {
    /// Without a slash at its end.
    base: String,
    /// What goes with each request of metrics, secrets among it. The SDK reads the same for traces.
    pub(super) metrics_headers: HeaderMap,
    /// Unless `OTEL_TRACES_EXPORTER` is `none`.
    pub takes_traces: bool,
    /// Unless `OTEL_METRICS_EXPORTER` is `none`.
    pub takes_metrics: bool,
}

/// A collector that cannot be spoken to.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    #[error("{from} is {url:?}; write a scheme, a host and a port, such as http://127.0.0.1:4318")]
    NoUrl { from: &'static str, url: String },
    #[error("{from} holds credentials, which others can read there; put them in OTEL_EXPORTER_OTLP_HEADERS")]
    Credentials { from: &'static str },
    /// Not which one it is: it may be a secret.
    #[error(
        "{variable}: what stands at place {place} is no header; write NAME=VALUE, values percent-encoded, commas between"
    )]
    NoHeader { variable: &'static str, place: usize },
    #[error("nothing can be sent to {collector}: {reason}")]
    Unusable { collector: String, reason: String },
}

impl Collector {
    /// The one that was asked for, or else the one that the environment names; `None` when there is neither.
    ///
    /// # Errors
    /// When what is asked for is no URL of a collector, or a variable not of the form that OpenTelemetry gives it.
    pub fn of(asked: Option<&str>) -> Result<Option<Self>, CollectorError> {
        if let Some(url) = asked {
            return Collector::at("--otlp-endpoint", url).map(Some);
        }
        let named = std::env::var(ENDPOINT).ok().filter(|url| !url.is_empty());
        named.map(|url| Collector::at(ENDPOINT, &url)).transpose()
    }

    fn at(from: &'static str, url: &str) -> Result<Self, CollectorError> {
        let Some(authority) = authority(url) else {
            return Err(CollectorError::NoUrl { from, url: url.to_owned() });
        };
        if authority.contains('@') {
            return Err(CollectorError::Credentials { from });
        }
        let is_off = |variable| std::env::var(variable).is_ok_and(|exporter| exporter == "none");
        Ok(Collector {
            base: url.trim_end_matches('/').to_owned(),
            metrics_headers: metrics_headers()?,
            takes_traces: !is_off("OTEL_TRACES_EXPORTER"),
            takes_metrics: !is_off("OTEL_METRICS_EXPORTER"),
        })
    }

    /// Where one of its signals goes, such as `v1/traces`.
    pub fn url(&self, signal: &str) -> String {
        format!("{}/{signal}", self.base)
    }

    /// What to call it in messages.
    pub fn name(&self) -> &str {
        &self.base
    }

    pub(super) fn refused(&self, reason: impl ToString) -> CollectorError {
        CollectorError::Unusable { collector: self.base.clone(), reason: reason.to_string() }
    }
}

/// Host and port, with whatever stands before them; `None` for what is no URL to send to.
fn authority(url: &str) -> Option<String> {
    let uri = Uri::try_from(url).ok()?;
    let is_usable = matches!(uri.scheme_str(), Some("http" | "https")) && uri.query().is_none();
    is_usable.then(|| uri.authority().map(ToString::to_string)).flatten()
}

fn metrics_headers() -> Result<HeaderMap, CollectorError> {
    let set = HEADERS.into_iter().find_map(|name| std::env::var(name).ok().map(|value| (name, value)));
    set.map_or_else(|| Ok(HeaderMap::new()), |(variable, text)| headers(variable, &text))
}

fn headers(variable: &'static str, text: &str) -> Result<HeaderMap, CollectorError> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
        Some((name.trim().parse::<HeaderName>().ok()?, value.parse::<HeaderValue>().ok()?))
    };
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
    let placed = |(place, text)| pair(text).ok_or(CollectorError::NoHeader { variable, place });
    (1..).zip(pairs).map(placed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_a_url_without_credentials_and_may_have_a_path() {
        for (url, traces) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("https://collector.example/otlp/", "https://collector.example/otlp/v1/traces"),
        ] {
            assert_eq!(Collector::at("here", url).ok().unwrap().url("v1/traces"), traces);
        }
        for nonsense in ["127.0.0.1:4318", "grpc://host:4317", "http://", "http://h?x"] {
            let refused = Collector::at("here", nonsense).err().unwrap().to_string();
            assert!(refused.starts_with("here is") && refused.contains("http://127.0.0.1:4318"), "{refused}");
        }
        let refused = Collector::at("here", "http://me:secret@host").err().unwrap().to_string();
        assert!(refused.contains("OTEL_EXPORTER_OTLP_HEADERS") && !refused.contains("secret"), "{refused}");
    }

    #[test]
    fn headers_are_pairs_with_percent_encoded_values_and_a_bad_one_is_not_shown() {
        let read = headers("V", "authorization=Bearer%20abc, x-tenant = 7 ,").unwrap();
        assert_eq!(
            (&read["authorization"], &read["x-tenant"], read.len()),
            (&"Bearer abc".parse().unwrap(), &"7".parse().unwrap(), 2)
        );
        for bad in ["a=1,bad name=secret", "a=1, secret", "a=1,b=secret%00"] {
            let refused = headers("V", bad).unwrap_err().to_string();
            assert!(
                refused.starts_with("V: what stands at place 2") && !refused.contains("secret"),
                "{refused}"
            );
        }
    }
}
