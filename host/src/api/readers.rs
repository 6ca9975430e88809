//! Looking into the database: on connections of their own, a few at a time, each look bounded.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::bounds::READ_TURN_MAX;
use super::problem::Problem;
use crate::store::{Browse, StoreError};

pub type Reader = Box<dyn Browse + Send>;

/// Readers, each used by one look at a time.
pub struct Readers {
    idle: Arc<Mutex<Vec<Reader>>>,
    turns: Arc<Semaphore>,
}

/// A reader in use. It goes back however the look ends, also when the client does not wait for it.
struct Turn {
    reader: Option<Reader>,
    idle: Arc<Mutex<Vec<Reader>>>,
    /// Given up last.
    _permit: OwnedSemaphorePermit,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(self.reader.take());
    }
}

impl Readers {
    pub fn new(readers: Vec<Reader>) -> Self {
        let turns = Arc::new(Semaphore::new(readers.len()));
        Readers { idle: Arc::new(Mutex::new(readers)), turns }
    }

    /// Runs `look` on a thread that may block.
    ///
    /// # Errors
    /// When no turn comes soon, the look takes too long, or the database fails.
    pub async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&dyn Browse) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = self.turn().await?;
        let looked = tokio::task::spawn_blocking(move || match &turn.reader {
            Some(reader) => look(&**reader).map_err(Problem::from),
            None => Err(too_many()),
        });
        looked.await.unwrap_or_else(|_| Err(Problem::internal()))
    }

    async fn turn(&self) -> Result<Turn, Problem> {
        let permit = tokio::time::timeout(READ_TURN_MAX, self.turns.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(too_many()) };
        let reader = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(Turn { reader, idle: self.idle.clone(), _permit: permit })
    }
}

fn too_many() -> Problem {
    let detail = "too many requests read the database at once";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).retry_after(1)
}
