//! Settlements as they are recorded: for those who stream them all, and those who wait for one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::bounds::STREAM_LAG_MAX;
use crate::store::ResultRow;

/// Source and id.
type Identity = (Box<str>, Box<str>);

/// Those who wait for an event. Each is told a result by each of its handlers, which are few.
type Waiting = HashMap<Identity, Vec<UnboundedSender<Arc<ResultRow>>>>;

/// A result as streams are told of it.
#[derive(Debug, Clone)]
pub struct Told {
    /// Grows with each that this process told.
    pub number: u64,
    pub row: Arc<ResultRow>,
}

pub struct News {
    to_streams: broadcast::Sender<Told>,
    waiting: Mutex<Waiting>,
    /// Results told so far.
    told: AtomicU64,
    /// Entries in `waiting`, to be read without its lock.
    awaited: AtomicUsize,
}

impl Default for News {
    fn default() -> Self {
        News {
            to_streams: broadcast::Sender::new(STREAM_LAG_MAX),
            waiting: Mutex::default(),
            told: AtomicU64::new(0),
            awaited: AtomicUsize::new(0),
        }
    }
}

impl News {
    /// Whether it is worth making a row to tell.
    pub fn is_wanted(&self) -> bool {
        self.to_streams.receiver_count() > 0 || self.awaited.load(Ordering::SeqCst) > 0
    }

    /// Tells of a result that is recorded.
    pub fn tell(&self, row: ResultRow) {
        let row = Arc::new(row);
        if self.awaited.load(Ordering::SeqCst) > 0 {
            let identity: Identity = (row.source.as_str().into(), row.event_id.as_str().into());
            let waiting = self.waiting();
            let told = waiting.get(&identity).into_iter().flatten();
            // Whoever does not wait any more needs no answer.
            told.for_each(|waiting| drop(waiting.send(row.clone())));
        }
        // Nobody may stream.
        let number = self.told.fetch_add(1, Ordering::SeqCst) + 1;
        let _ = self.to_streams.send(Told { number, row });
    }

    pub fn stream(&self) -> broadcast::Receiver<Told> {
        self.to_streams.subscribe()
    }

    /// The results of this event that are recorded after now, until [`News::tidy`].
    pub fn wait_for(&self, source: &str, id: &str) -> UnboundedReceiver<Arc<ResultRow>> {
        let (tell, told) = unbounded_channel();
        let mut waiting = self.waiting();
        let entry = waiting.entry((source.into(), id.into())).or_default();
        self.awaited.fetch_add(usize::from(entry.is_empty()), Ordering::SeqCst);
        entry.push(tell);
        told
    }

    /// Forgets those who gave up waiting for this event.
    pub fn tidy(&self, source: &str, id: &str) {
        let identity: Identity = (source.into(), id.into());
        let mut waiting = self.waiting();
        let Some(entry) = waiting.get_mut(&identity) else { return };
        entry.retain(|tell| !tell.is_closed());
        if entry.is_empty() {
            waiting.remove(&identity);
            self.awaited.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
