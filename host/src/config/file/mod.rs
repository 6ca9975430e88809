//! `evq.toml`: the handlers of a server, and its settings. docs/config.md documents it.
//!
//! All checks that need nothing but the text are made here, and secrets are read; modules are not looked at.

mod problem;
mod written;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{GrantError, OriginGrant, Overrides, ValueSource, environment, http};
use crate::event::{Filter, RetryPolicy};
use crate::grants::Grants;
use crate::limits::{Limits, MIB};

pub use problem::FileError;
use problem::Place;
use written::{Granted, WrittenFile, WrittenHandler};

/// Bytes of a configuration file: far more than so many handlers need.
const BYTES_MAX: u64 = MIB;

/// Handlers of one process. Each has threads of its own.
pub const HANDLERS_MAX: usize = 64;

/// A configuration file, read and checked.
#[derive(Debug)]
pub struct EvqFile {
    pub serve: ServeSettings,
    /// One at least, each with another name.
    pub handlers: Vec<HandlerSettings>,
}

/// The settings of the server as far as they are written; what is typed goes before them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ServeSettings {
    pub listen: Option<String>,
    pub host: Vec<String>,
    pub db: Option<PathBuf>,
    pub workers: Option<usize>,
    pub max_pending: Option<u64>,
    pub max_pending_size: Option<u64>,
    pub min_free_disk: Option<u64>,
    pub token_file: Option<PathBuf>,
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    pub plain_http: bool,
    pub otlp_endpoint: Option<String>,
    pub keep: WrittenRetention,
}

/// What is kept of what is over, as far as it is written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct WrittenRetention {
    pub days: Option<u32>,
    pub events: Option<u64>,
    pub bytes: Option<u64>,
    pub all: bool,
}

/// One handler, with every value it runs under.
#[derive(Debug, Clone)]
pub struct HandlerSettings {
    pub name: String,
    pub module: PathBuf,
    /// `None`: every event fits.
    pub filter: Option<Filter>,
    pub limits: Limits,
    pub grants: Grants,
    pub compile_time_max: Duration,
    pub policy: RetryPolicy,
}

impl EvqFile {
    /// Reads and checks a file. Paths in it are relative to it.
    ///
    /// # Errors
    /// Names the file and the line, and says what is wrong there and what would do.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let text = problem::read(path, BYTES_MAX)?;
        let place = Place { path, text: &text };
        let written: WrittenFile = toml::from_str(&text).map_err(|error| place.of_toml(&error))?;
        check_handlers(&written, place)?;
        if let Some(serve) = &written.serve {
            serve.get_ref().check().map_err(|problem| place.at(serve.span().start, problem))?;
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let handler = |written: toml::Spanned<WrittenHandler>| {
            let at = written.span().start;
            handler(written.into_inner(), folder).map_err(|problem| place.at(at, problem))
        };
        let serve = written.serve.map(toml::Spanned::into_inner).unwrap_or_default().settings(folder);
        let handlers = written.handler.into_iter().map(handler).collect::<Result<_, _>>()?;
        Ok(EvqFile { serve, handlers })
    }
}

fn check_handlers(written: &WrittenFile, place: Place<'_>) -> Result<(), FileError> {
    let count = written.handler.len();
    if count == 0 {
        return Err(place.at(0, "no handler; write [[handler]] with a name and a module".to_owned()));
    }
    if let Some(one_too_many) = written.handler.get(HANDLERS_MAX) {
        let problem =
            format!("{count} handlers, the limit is {HANDLERS_MAX}; serve the others by another process");
        return Err(place.at(one_too_many.span().start, problem));
    }
    let mut names = BTreeSet::new();
    for handler in &written.handler {
        let name = &handler.get_ref().name;
        if !names.insert(name.as_str()) {
            let problem = format!("handler {name:?} is there already; a handler is known by its name");
            return Err(place.at(handler.span().start, problem));
        }
    }
    Ok(())
}

fn handler(written: WrittenHandler, folder: &Path) -> Result<HandlerSettings, String> {
    let overrides = Overrides {
        timeout: written.timeout.map(|time| time.0),
        compile_timeout: written.compile_timeout.map(|time| time.0),
        memory_bytes_max: written.max_memory.map(|size| size.0),
        event_bytes_max: written.max_event.map(|size| size.0),
        fuel_max: written.fuel,
        attempts_max: written.max_attempts,
        retry_base: written.retry_delay.map(|time| time.0),
    };
    let name = written.name;
    // In the file an option has no dashes before it.
    let of_this = |error: super::ConfigError| {
        let key = error.option.trim_start_matches('-');
        format!("handler {name:?}: {key} is {}; {}", error.value, error.rule)
    };
    let values = written.environment.into_iter().map(|(key, value)| (key, source(value, folder)));
    let refused = |error: GrantError| format!("handler {name:?}: {error}");
    let grants = Grants {
        environment: environment(values).map_err(refused)?,
        http: http(written.http.into_iter().map(OriginGrant::from)).map_err(refused)?,
    };
    Ok(HandlerSettings {
        module: folder.join(written.module),
        grants,
        filter: Filter::all(written.filters).map_err(|invalid| format!("handler {name:?}: {invalid}"))?,
        limits: overrides.limits().map_err(of_this)?,
        compile_time_max: overrides.compile_time_max().map_err(of_this)?,
        policy: overrides.policy().map_err(of_this)?,
        name,
    })
}

/// Where a value is to be had; a path is relative to the file.
fn source(Granted(written): Granted, folder: &Path) -> ValueSource {
    match written {
        ValueSource::File(path) => ValueSource::File(folder.join(path)),
        other => other,
    }
}

#[cfg(test)]
mod tests;
