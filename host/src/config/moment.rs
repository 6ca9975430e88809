//! Points in time as a person writes them: `2026-01-31T12:00:00Z`, or `10m` for ten minutes ago.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::clock::UnixMillis;

/// Reads a `--since` or `--until`.
///
/// # Errors
/// Names both spellings.
pub fn parse_moment(text: &str) -> Result<UnixMillis, String> {
    moment_before(Timestamp::now(), text).map(|moment| UnixMillis(moment.as_millisecond())).ok_or_else(|| {
        "neither a time like 2026-01-31T12:00:00Z nor a time ago like 10m, 2h or 3d".to_owned()
    })
}

fn moment_before(now: Timestamp, text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let ago: Span = text.parse().ok()?;
    // Days and months have a length only on a calendar; UTC's is the one without surprises.
    now.to_zoned_datetime(TimeZone::UTC).checked_sub(ago.abs()).ok().map(|moment| moment.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_duration_is_that_long_ago() {
        let now = at("2026-03-01T12:00:00Z");
        for (text, moment) in [
            ("10m", "2026-03-01T11:50:00Z"),
            ("1h 30m", "2026-03-01T10:30:00Z"),
            ("2 hours ago", "2026-03-01T10:00:00Z"),
            ("1d", "2026-02-28T12:00:00Z"),
        ] {
            assert_eq!(moment_before(now, text), Some(at(moment)), "{text}");
        }
    }

    #[test]
    fn a_time_is_itself_and_nonsense_is_refused() {
        let parsed = parse_moment("2026-01-31T12:00:00+01:00").unwrap();
        assert_eq!(parsed.to_string(), "2026-01-31T11:00:00.000Z");
        assert!(parse_moment("yesterday").unwrap_err().contains("10m"));
    }
}
