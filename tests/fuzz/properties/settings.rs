//! Settings as people write them. Each line is a word and a value: `size 64MiB`, `time 5s`,
//! `moment 2026-01-31T12:00:00Z`, `limits {...}`, `override N`.

use std::time::Duration;

use wasm_evq::config::{Overrides, parse_duration, parse_moment, parse_size_bytes};
use wasm_evq::limits::Limits;

use super::{Fate, assert_tells};

pub fn settings(bytes: &[u8]) -> Fate {
    let Ok(text) = std::str::from_utf8(bytes) else { return Fate::Refused };
    let mut fate = Fate::Refused;
    for line in text.lines().take(64) {
        let (word, value) = line.split_once(' ').unwrap_or((line, ""));
        let is_taken = match word {
            "size" => told(parse_size_bytes(value), |size| parse_size_bytes(&size.to_string())),
            "time" => told(parse_duration(value), |time| parse_duration(&written(*time))),
            "moment" => told(parse_moment(value), |moment| parse_moment(&moment.to_string())),
            "limits" => Limits::from_json(value).is_some_and(|limits| {
                assert_eq!(Limits::from_json(&limits.to_json()), Some(limits));
                true
            }),
            "override" => value.parse().is_ok_and(overridden),
            _ => false,
        };
        if is_taken {
            fate = Fate::Taken;
        }
    }
    fate
}

/// What was read is the same again once it was written; what was not is refused in words.
fn told<T: PartialEq + std::fmt::Debug>(
    read: Result<T, String>,
    again: impl Fn(&T) -> Result<T, String>,
) -> bool {
    match read {
        Ok(value) => {
            assert_eq!(again(&value).as_ref(), Ok(&value));
            true
        }
        Err(refusal) => {
            assert_tells(&refusal);
            false
        }
    }
}

fn written(time: Duration) -> String {
    format!("{}s {}ns", time.as_secs(), time.subsec_nanos())
}

/// One number as every bound at once: out of its range it is named, and never taken.
fn overridden(number: u64) -> bool {
    let time = Some(Duration::from_millis(number));
    let overrides = Overrides {
        timeout: time,
        compile_timeout: time,
        memory_bytes_max: Some(number),
        event_bytes_max: Some(number),
        fuel_max: Some(number),
        attempts_max: u32::try_from(number).ok(),
        retry_base: time,
    };
    let (limits, policy) = (overrides.limits(), overrides.policy());
    let compile_time = overrides.compile_time_max();
    let refusals = [limits.as_ref().err(), policy.as_ref().err(), compile_time.as_ref().err()];
    for refusal in refusals.into_iter().flatten() {
        assert!(refusal.option.starts_with("--"), "{refusal}");
        assert_tells(&refusal.to_string());
    }
    limits.is_ok_and(|limits| {
        assert_eq!((limits.memory_bytes_max, limits.fuel_max), (number, number));
        assert_eq!(Limits::from_json(&limits.to_json()), Some(limits));
        true
    })
}
