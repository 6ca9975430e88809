//! Why nothing could be run again at all. An attempt that cannot be compared is a [`super::Reason`].

use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the machine gives no thread to run attempts on: {0}; ask for fewer --workers")]
    NoThread(String),
    #[error("a thread that compared attempts panicked")]
    Panicked,
}
