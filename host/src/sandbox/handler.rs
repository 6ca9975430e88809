//! A handler: a module read, checked, compiled and linked once, ready for any number of attempts.

use std::fs::File;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::abi::Abi;
use super::engine::{Sandbox, SandboxConfig, one_line};
use super::error::{LoadError, SandboxError};
use super::load::Loaded;
use super::outbound::Client;
use super::program::Program;
use super::ticker::Ticker;
use crate::grants::Grants;
use crate::limits::{Limits, MODULE_BYTES_MAX, MODULE_TEXT_BYTES_MAX};
use sha2::{Digest, Sha256};
use wasmparser::Parser;

/// A module that can be invoked. Cheap to clone; the compiled code is shared.
#[derive(Clone)]
pub struct Handler {
    pub(super) name: Arc<str>,
    pub(super) program: Program,
    pub(super) limits: Limits,
    pub(super) grants: Arc<Grants>,
    /// Calls what is granted, where anything is.
    pub(super) client: Option<Arc<Client>>,
    pub(super) ticker: Arc<Ticker>,
    source: Arc<Source>,
}

/// What a handler is made from, and what is told of it.
struct Source {
    config: SandboxConfig,
    /// The module, as it was given.
    bytes: Arc<[u8]>,
    /// Compiled, as wasmtime serializes it.
    code: Vec<u8>,
    facts: HandlerFacts,
}

/// What `check` tells about a handler.
#[derive(Debug, Clone)]
pub struct HandlerFacts {
    pub module_bytes: u64,
    pub sha256: [u8; 32],
    pub abi: Abi,
    /// Each as `module.name`.
    pub imports: Vec<String>,
    /// Linear memory at the start of every attempt.
    pub memory_bytes_min: u64,
    /// How long it took to compile, or to find it compiled in the cache.
    pub load_time: Duration,
}

impl Sandbox {
    /// Loads a handler from a `.wasm` file, or from `.wat` text.
    ///
    /// # Errors
    /// When the file cannot be read, is no valid module, or is not made for an ABI of this host.
    pub fn load(&self, name: &str, path: &Path) -> Result<Handler, LoadError> {
        check_name(name)?;
        let bytes = read(path)?;
        check_is_wasm(&bytes, path)?;
        self.load_bytes(name, path, bytes.into())
    }

    /// Loads a handler from what an earlier one was loaded from: see [`Handler::bytes`]. What is wrong
    /// with it is told of `origin`.
    ///
    /// # Errors
    /// As [`Sandbox::load`].
    pub fn load_bytes(&self, name: &str, origin: &Path, bytes: Arc<[u8]>) -> Result<Handler, LoadError> {
        let started = Instant::now();
        let invalid = |error| LoadError::Invalid { path: origin.to_owned(), reason: one_line(&error) };
        check_text_size(&bytes, origin)?;
        let binary = wat::parse_bytes(&bytes).map_err(|error| invalid(error.into()))?;
        let Loaded { program, code, abi, imports, memory_bytes_min } = self.load_program(&binary, origin)?;
        let facts = HandlerFacts {
            module_bytes: bytes.len() as u64,
            sha256: Sha256::digest(&bytes).into(),
            abi,
            imports,
            memory_bytes_min,
            load_time: started.elapsed(),
        };
        let source =
            Source { config: SandboxConfig { cache_dir: None, ..self.config.clone() }, code, bytes, facts };
        Ok(Handler {
            name: name.into(),
            program,
            limits: self.config.limits,
            grants: Arc::default(),
            client: None,
            ticker: self.ticker.clone(),
            source: Arc::new(source),
        })
    }
}

impl Handler {
    /// The same handler once for each of `count` threads, each on an engine of its own. With every
    /// instance wasmtime counts references to its engine and types; where two workers share them, they
    /// pass those counts to and fro, and a run that takes 4.9 us takes 7.8.
    ///
    /// # Errors
    /// When no further engine can be had.
    pub fn replicas(self, count: NonZeroUsize) -> Result<Vec<Handler>, SandboxError> {
        let mut handlers = (1..count.get()).map(|_| self.replica()).collect::<Result<Vec<_>, _>>()?;
        handlers.push(self);
        Ok(handlers)
    }

    fn replica(&self) -> Result<Handler, SandboxError> {
        // It is for one thread; with room for all of them each, many would use up the addresses there are.
        let config = SandboxConfig { slots: 1, ..self.source.config.clone() };
        let program = self.program.replica(&config, &self.source.code)?;
        self.ticker.add(program.engine());
        Ok(Handler {
            name: (*self.name).into(),
            program,
            limits: self.limits,
            grants: Arc::new((*self.grants).clone()),
            client: client(&self.grants),
            ticker: self.ticker.clone(),
            source: self.source.clone(),
        })
    }
}

impl Handler {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The module, as it was given: what its sha256 is of.
    pub fn bytes(&self) -> Arc<[u8]> {
        self.source.bytes.clone()
    }

    /// The same handler with these grants. As it is loaded it has none.
    #[must_use]
    pub fn granted(self, grants: Grants) -> Self {
        Handler { client: client(&grants), grants: Arc::new(grants), ..self }
    }

    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    /// Stack that the thread which invokes the handler must have to spare.
    pub fn stack_bytes_max(&self) -> usize {
        usize::try_from(self.limits.stack_bytes_max).unwrap_or(usize::MAX)
    }

    pub fn facts(&self) -> &HandlerFacts {
        &self.source.facts
    }
}

fn client(grants: &Grants) -> Option<Arc<Client>> {
    (!grants.http.is_empty()).then(|| Arc::new(Client::new(grants.http.clone())))
}

/// A handler's name goes into rows, into the `source` of what it emits, and into URLs.
fn check_name(name: &str) -> Result<(), LoadError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if (1..=64).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    Err(LoadError::BadName { name: name.chars().take(80).collect() })
}

/// Reads the file, but never more than a module may have: it could be a device that does not end.
fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    let unreadable =
        |e: std::io::Error| LoadError::Unreadable { path: path.to_owned(), reason: e.to_string() };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    file.take(MODULE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MODULE_BYTES_MAX {
        let bytes = size.max(bytes.len() as u64);
        return Err(LoadError::TooLarge { path: path.to_owned(), bytes, bytes_max: MODULE_BYTES_MAX });
    }
    Ok(bytes)
}

/// A parser of text takes many times its size.
fn check_text_size(bytes: &[u8], path: &Path) -> Result<(), LoadError> {
    let (size, bytes_max) = (bytes.len() as u64, MODULE_TEXT_BYTES_MAX);
    if bytes.starts_with(b"\0asm") || size <= bytes_max {
        return Ok(());
    }
    Err(LoadError::TextTooLarge { path: path.to_owned(), bytes: size, bytes_max })
}

/// Tells what a file is instead of a module, before a parser answers in its own terms.
fn check_is_wasm(bytes: &[u8], path: &Path) -> Result<(), LoadError> {
    let is_wat = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("wat"));
    if is_wat || Parser::is_core_wasm(bytes) || Parser::is_component(bytes) {
        return Ok(());
    }
    let found = if bytes.is_empty() {
        "the file is empty".to_owned()
    } else if bytes.starts_with(b"\0asm") {
        format!("it has the unknown binary version {:02x?}", &bytes[4..bytes.len().min(8)])
    } else {
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(16)]).into_owned();
        format!("it begins with {start:?} instead of \"\\0asm\"")
    };
    Err(LoadError::NotWasm { path: path.to_owned(), found })
}
