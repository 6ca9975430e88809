//! The way in: requests hand their events to the store, as many as may wait there, and are answered once it says
//! that they are durable. All that is handed over while one commit waits for the disk shares the next one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::oneshot;

use super::bounds::{HANDED_BYTES_MAX, HANDED_EVENTS_MAX};
use super::problem::Problem;
use crate::store::{Addressed, Enqueue, EnqueueFate, StoreError};

pub struct Acceptor {
    store: Arc<dyn Enqueue>,
    handed: Arc<Handed>,
}

/// What is handed over and not yet answered.
#[derive(Debug, Default)]
struct Handed {
    events: AtomicU64,
    bytes: AtomicU64,
}

impl Acceptor {
    pub fn new(store: Arc<dyn Enqueue>) -> Self {
        Acceptor { store, handed: Arc::default() }
    }

    /// Stores events; answers once they are durable, with one fate each, in order. When the client
    /// goes away meanwhile they are stored all the same.
    ///
    /// # Errors
    /// When too much waits already, or the store fails; then none of them is accepted.
    pub async fn accept(&self, events: Vec<Addressed>) -> Result<Vec<EnqueueFate>, Problem> {
        let (count, bytes) =
            (events.len() as u64, events.iter().map(|one| one.event.json().len() as u64).sum());
        self.handed.take_in(count, bytes)?;
        let (reply, answer) = oneshot::channel();
        let handed = self.handed.clone();
        let tell = move |fates| {
            handed.let_out(count, bytes);
            // A client that went away has no use for the answer.
            drop(reply.send(fates));
        };
        self.store.hand_over(events, Box::new(tell));
        Ok(answer.await.map_err(|_| StoreError::gone())??)
    }
}

impl Handed {
    fn take_in(&self, events: u64, bytes: u64) -> Result<(), Problem> {
        let events_before = self.events.fetch_add(events, Ordering::SeqCst);
        let bytes_before = self.bytes.fetch_add(bytes, Ordering::SeqCst);
        // A first delivery always fits, however large.
        let fits = events_before + events <= HANDED_EVENTS_MAX && bytes_before + bytes <= HANDED_BYTES_MAX;
        if fits || events_before == 0 {
            return Ok(());
        }
        self.let_out(events, bytes);
        Err(busy())
    }

    fn let_out(&self, events: u64, bytes: u64) {
        self.events.fetch_sub(events, Ordering::SeqCst);
        self.bytes.fetch_sub(bytes, Ordering::SeqCst);
    }
}

fn busy() -> Problem {
    let detail = format!(
        "too much waits to be written: the limits are {HANDED_EVENTS_MAX} events and {HANDED_BYTES_MAX} bytes"
    );
    Problem::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, "busy", detail).retry_after(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_and_a_first_delivery_always_fits() {
        let handed = Handed::default();
        assert!(handed.take_in(1, HANDED_BYTES_MAX * 2).is_ok());
        assert!(handed.take_in(1, 0).unwrap_err().detail().contains("16384 events"));
        handed.let_out(1, HANDED_BYTES_MAX * 2);
        assert!(handed.take_in(HANDED_EVENTS_MAX - 1, 0).is_ok());
        assert!(handed.take_in(1, 0).is_ok());
        assert!(handed.take_in(1, 0).is_err());
    }
}
