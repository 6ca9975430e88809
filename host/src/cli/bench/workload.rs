//! The events of a bench: exactly as many as were asked for, in a file as a user would have it, and
//! the first of them in memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use indicatif::HumanCount;
use serde_json::value::RawValue;

use super::generate;
use super::plan::Plan;
use crate::cli::Failure;
use crate::event::{NewEvent, attributes_of};
use crate::source::{Format, Input};

/// Events kept in memory: enough for every measurement but the whole road.
const SAMPLE_EVENTS_MAX: usize = 200_000;

pub struct Workload {
    pub file: PathBuf,
    pub events: usize,
    /// The events' JSON together.
    pub event_bytes: u64,
    /// The first events.
    pub sample: Vec<Box<str>>,
    /// Where the events come from, for people.
    pub described: String,
}

impl Workload {
    /// Writes the events into `file`.
    pub fn write(plan: &Plan, file: PathBuf) -> Result<Self, Failure> {
        match &plan.events_file {
            None => {
                let described = format!(
                    "{} generated orders of {} bytes",
                    HumanCount(plan.events as u64),
                    generate::EVENT_BYTES
                );
                write(plan.events, file, described, generate::order)
            }
            Some(input) => {
                let given = given(input, plan)?;
                let described = describe(input, given.len(), plan.events);
                write(plan.events, file, described, |number| repeated(&given, number))
            }
        }
    }

    /// The mean size of an event.
    pub fn mean_bytes(&self) -> f64 {
        self.event_bytes as f64 / self.events as f64
    }
}

fn write(
    events: usize,
    path: PathBuf,
    described: String,
    event: impl Fn(usize) -> String,
) -> Result<Workload, Failure> {
    let mut sample = Vec::with_capacity(events.min(SAMPLE_EVENTS_MAX));
    let mut event_bytes = 0;
    let mut fill = |file: &mut dyn Write| {
        for number in 0..events {
            let json = event(number);
            event_bytes += json.len() as u64;
            writeln!(file, "{json}")?;
            if sample.len() < SAMPLE_EVENTS_MAX {
                sample.push(json.into_boxed_str());
            }
        }
        file.flush()
    };
    write_durably(&path, &mut fill)
        .map_err(|e| Failure::work(format!("cannot write {}: {e}", path.display())))?;
    Ok(Workload { file: path, events, event_bytes, sample, described })
}

/// Written back to the disk before anything is measured, not in the middle of it.
fn write_durably(
    path: &Path,
    fill: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    fill(&mut file)?;
    file.get_ref().sync_all()
}

/// The user's events, as many as are of use. Lines that are no events are left out.
fn given(input: &Input, plan: &Plan) -> Result<Vec<Box<str>>, Failure> {
    let mut events = Vec::new();
    input.read(&Format::Event, plan.limits.event_bytes_max, &mut |line| {
        events.extend(line.outcome.ok().map(NewEvent::into_json));
        if events.len() < plan.events { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    if events.is_empty() {
        return Err(Failure::usage(format!("{} holds no event", input.name())));
    }
    Ok(events)
}

fn describe(input: &Input, given: usize, wanted: usize) -> String {
    let (name, given_count) = (input.name(), HumanCount(given as u64));
    match given < wanted {
        true => format!("{}, the {given_count} of {name} repeated under new ids", HumanCount(wanted as u64)),
        false => format!("the first {given_count} events of {name}"),
    }
}

/// The event with this number; from the second time on, a given event gets an id of its own.
fn repeated(given: &[Box<str>], number: usize) -> String {
    let (time, json) = (number / given.len(), &given[number % given.len()]);
    match time {
        0 => json.to_string(),
        _ => with_id(json, &format!("{}~{time}", attributes_of(json).id)),
    }
}

/// The same event under another id. Every other value stays as it was written.
fn with_id(json: &str, id: &str) -> String {
    let renamed = || -> serde_json::Result<String> {
        let mut attributes: BTreeMap<String, &RawValue> = serde_json::from_str(json)?;
        let id = RawValue::from_string(serde_json::Value::from(id).to_string())?;
        attributes.insert("id".into(), &id);
        serde_json::to_string(&attributes)
    };
    renamed().expect("the reader lets only JSON objects through")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::parse_event;

    #[test]
    fn a_repeated_event_differs_in_its_id_alone() {
        let json = r#"{"specversion":"1.0","id":"a","source":"/s","type":"t","data":{"z":1.50,"a":"é"}}"#;
        let given = [Box::from(json)];
        assert_eq!(repeated(&given, 0), json);
        let copy = repeated(&given, 3);
        let event = parse_event(copy.as_bytes(), 1000).unwrap();
        assert_eq!((event.id(), event.source(), event.type_()), ("a~3", "/s", "t"));
        assert!(copy.contains(r#""data":{"z":1.50,"a":"é"}"#), "{copy}");
    }
}
