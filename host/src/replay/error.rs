//! Why nothing could be run again at all. An attempt that cannot be compared is a [`super::Reason`].

use crate::config::ConfigError;
use crate::sandbox::{LoadError, SandboxError};
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{0}")]
    NoModule(String),
    #[error("the machine gives no thread to run attempts on: {0}; ask for fewer --workers")]
    NoThread(String),
    #[error("a thread that compared attempts panicked")]
    Panicked,
}
