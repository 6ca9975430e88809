//! Sizes and times as people write them.

use std::time::Duration;

/// `64MiB`, `1.5GiB`, `4096`.
///
/// # Errors
/// One line for the command line to show.
pub fn parse_size_bytes(text: &str) -> Result<u64, String> {
    text.parse::<bytesize::ByteSize>()
        .map(|size| size.as_u64())
        .map_err(|_| "write a size such as 64MiB or 4096".to_owned())
}

/// `5s`, `250ms`, `1m30s`.
///
/// # Errors
/// One line for the command line to show.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let cure = || "write a time such as 5s, 250ms or 1m30s".to_owned();
    let signed: jiff::SignedDuration = text.parse().map_err(|_| cure())?;
    Duration::try_from(signed).map_err(|_| cure())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_read_as_people_write_them() {
        assert_eq!(parse_size_bytes("64MiB"), Ok(64 * 1024 * 1024));
        assert_eq!(parse_size_bytes("4096"), Ok(4096));
        assert!(parse_size_bytes("much").is_err());
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("1m30s"), Ok(Duration::from_secs(90)));
        assert!(parse_duration("-5s").is_err());
        assert!(parse_duration("soon").is_err());
    }
}
