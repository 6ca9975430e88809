//! The way in: requests hand their events to one thread, which gives all that wait to the store at
//! once. So many requests share one fsync, and each is answered after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender};
use tokio::sync::oneshot;

use super::bounds::{HANDED_BYTES_MAX, HANDED_EVENTS_MAX};
use super::problem::Problem;
use crate::store::{Addressed, Enqueue, EnqueueFate, StoreError};

/// Events in one enqueue. What comes meanwhile goes into the next.
const BATCH_EVENTS_MAX: usize = 4096;

type Fates = Result<Vec<EnqueueFate>, StoreError>;

/// One request's events, and where their fates are awaited.
struct Delivery {
    events: Vec<Addressed>,
    bytes: u64,
    reply: oneshot::Sender<Fates>,
}

/// What is handed over and not yet answered.
#[derive(Debug, Default)]
struct Handed {
    events: AtomicU64,
    bytes: AtomicU64,
}

/// The requests' end. The thread ends once every one of these is dropped.
pub struct Acceptor {
    to_thread: Sender<Delivery>,
    handed: Arc<Handed>,
}

impl Acceptor {
    /// # Errors
    /// When the machine gives no thread.
    pub fn start(store: Arc<dyn Enqueue>) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (to_thread, deliveries) = crossbeam_channel::unbounded();
        let handed = Arc::new(Handed::default());
        let counted = handed.clone();
        let body = move || accept_all(&*store, &deliveries, &counted);
        let thread = std::thread::Builder::new().name("evq-acceptor".into()).spawn(body)?;
        Ok((Acceptor { to_thread, handed }, thread))
    }

    /// Stores events; answers once they are durable, with one fate each, in order. When the client
    /// goes away meanwhile they are stored all the same.
    ///
    /// # Errors
    /// When too much waits already, or the store fails; then none of them is accepted.
    pub async fn accept(&self, events: Vec<Addressed>) -> Result<Vec<EnqueueFate>, Problem> {
        let bytes = events.iter().map(|one| one.event.json().len() as u64).sum();
        self.handed.take_in(events.len() as u64, bytes)?;
        let (reply, answer) = oneshot::channel();
        let gone = |_| StoreError::Stopped { reason: "the accepting thread is gone".into() };
        let sent = self.to_thread.send(Delivery { events, bytes, reply });
        sent.map_err(|_| gone(()))?;
        Ok(answer.await.map_err(|_| gone(()))??)
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

fn accept_all(store: &dyn Enqueue, deliveries: &Receiver<Delivery>, handed: &Handed) {
    while let Ok(first) = deliveries.recv() {
        let mut batch = vec![first];
        let mut events = batch[0].events.len();
        while events < BATCH_EVENTS_MAX
            && let Ok(next) = deliveries.try_recv()
        {
            events += next.events.len();
            batch.push(next);
        }
        accept_batch(store, batch, handed);
    }
}

fn accept_batch(store: &dyn Enqueue, mut batch: Vec<Delivery>, handed: &Handed) {
    let counts: Vec<usize> = batch.iter().map(|delivery| delivery.events.len()).collect();
    let events = batch.iter_mut().flat_map(|delivery| std::mem::take(&mut delivery.events)).collect();
    let mut fates = store.enqueue(events);
    for (delivery, count) in batch.into_iter().zip(counts) {
        handed.let_out(count as u64, delivery.bytes);
        let own = match &mut fates {
            Ok(fates) => Ok(fates.drain(..count).collect()),
            Err(error) => Err(error.clone()),
        };
        // A client that went away has no use for the answer.
        let _ = delivery.reply.send(own);
    }
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
