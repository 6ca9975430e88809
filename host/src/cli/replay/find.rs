//! Which attempt is meant: one, or a line that says how to name it.

use super::ReplayArgs;
use crate::cli::Failure;
use crate::store::{EventSeq, Inspect, ModuleId, RecordedAttempt, RecordedEvent, StoreError};

/// The event, with its recorded attempts.
pub fn event(args: &ReplayArgs, inspect: &dyn Inspect) -> Result<RecordedEvent, Failure> {
    let found = inspect.events(&args.event, args.source.as_deref())?;
    let numbers: Vec<EventSeq> = found.iter().map(|event| event.seq).collect();
    let (id, db) = (&args.event, args.db.display());
    if numbers.is_empty() {
        let source =
            args.source.as_ref().map_or_else(String::new, |source| format!(" and source {source:?}"));
        return Err(Failure::work(format!("no event with id {id:?}{source} in {db}")));
    }
    let mut events = recorded(inspect, &numbers)?;
    match events.len() {
        0 => Err(Failure::work(format!(
            "no attempt of event {id:?} is recorded yet; look with `wasm-evq show`"
        ))),
        1 => Ok(events.remove(0)),
        _ => {
            let sources: Vec<_> = events.iter().map(|event| format!("{:?}", event.source)).collect();
            let sources = sources.join(", ");
            Err(Failure::usage(format!("several events have the id {id:?}; give --source, one of {sources}")))
        }
    }
}

fn recorded(inspect: &dyn Inspect, numbers: &[EventSeq]) -> Result<Vec<RecordedEvent>, StoreError> {
    let mut events = Vec::new();
    let mut left = numbers;
    while !left.is_empty() {
        let page = inspect.recorded(left, u64::MAX)?;
        events.extend(page.events);
        left = &left[page.looked_at.max(1)..];
    }
    Ok(events)
}

/// The one that was asked for, or the last.
pub fn attempt<'e>(
    args: &ReplayArgs,
    inspect: &dyn Inspect,
    event: &'e RecordedEvent,
) -> Result<&'e RecordedAttempt, Failure> {
    let modules = inspect.modules()?;
    let handler_of =
        |id: ModuleId| modules.iter().find(|module| module.id == id).map_or("", |module| &module.handler);
    let is_meant = |attempt: &&RecordedAttempt| {
        let handler = handler_of(attempt.module);
        args.handler.as_ref().is_none_or(|name| name == handler)
            && args.attempt.is_none_or(|number| number == attempt.number)
    };
    let meant: Vec<&RecordedAttempt> = event.attempts.iter().filter(is_meant).collect();
    let Some(last) = meant.iter().max_by_key(|attempt| attempt.number) else {
        let known: Vec<_> = event
            .attempts
            .iter()
            .map(|attempt| format!("{} by {}", attempt.number, handler_of(attempt.module)))
            .collect();
        let known = known.join(", ");
        return Err(Failure::usage(format!("no such attempt of event {:?}; recorded are {known}", event.id)));
    };
    let first_name = handler_of(last.module);
    if let Some(other) = meant.iter().find(|attempt| handler_of(attempt.module) != first_name) {
        let other = handler_of(other.module);
        return Err(Failure::usage(format!(
            "several handlers had event {:?}; give --handler, {first_name} or {other}",
            event.id
        )));
    }
    Ok(last)
}
