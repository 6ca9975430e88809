//! The closed list of ways a command can fail, and each one's exit code.

use std::process::ExitCode;

use super::build::BuildError;
use super::new::NewError;
use super::remote::RemoteError;
use crate::api::{ServeError, TlsError};
use crate::config::{ConfigError, FileError, GrantError, TokenFileError};
use crate::event::InvalidEvent;
use crate::replay::ReplayError;
use crate::sandbox::{LoadError, SandboxError};
use crate::source::{FeedError, SourceError};
use crate::store::StoreError;
use crate::telemetry::CollectorError;

/// Why a command ended without doing all it was asked. Prints as one line.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The work itself failed.
    #[error("{0}")]
    Work(String),
    /// What was typed, configured or given cannot be.
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    ConfigFile(#[from] FileError),
    #[error(transparent)]
    Grant(#[from] GrantError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    New(#[from] NewError),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error("the event: {0}")]
    Event(#[from] InvalidEvent),
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    Tokens(#[from] TokenFileError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Collector(#[from] CollectorError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure {
    pub fn usage(message: impl Into<String>) -> Self {
        Failure::Usage(message.into())
    }

    pub fn work(message: impl Into<String>) -> Self {
        Failure::Work(message.into())
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Work(_) | Failure::Remote(_) => 1,
            Failure::Usage(_)
            | Failure::Config(_)
            | Failure::ConfigFile(_)
            | Failure::Grant(_)
            | Failure::Load(_)
            | Failure::Sandbox(_)
            | Failure::Source(_)
            | Failure::New(_)
            | Failure::Build(_)
            | Failure::Serve(_)
            | Failure::Tokens(_)
            | Failure::Tls(_)
            | Failure::Collector(_)
            | Failure::Event(_) => 2,
            Failure::Store(_) => 3,
        })
    }
}

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Store(error) => error.into(),
            ReplayError::Sandbox(error) => error.into(),
            ReplayError::Load(error) => error.into(),
            ReplayError::Config(error) => error.into(),
            other => Failure::Work(other.to_string()),
        }
    }
}

impl From<FeedError> for Failure {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Source(error) => error.into(),
            FeedError::Store(error) => error.into(),
        }
    }
}
