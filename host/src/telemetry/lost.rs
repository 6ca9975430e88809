//! What does not reach the collector.

use std::fmt;
use std::sync::Arc;

/// Something that is not told elsewhere. Spans are gone; metrics come with the next ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// A span for which the queue had no room.
    Crowded,
    /// Spans that the collector did not take.
    Refused { spans: u64, reason: String },
    /// Spans that were still to be sent when time was up.
    Unsent { spans: u64 },
    /// One sending of the metrics.
    Metrics { reason: String },
}

impl Lost {
    pub fn spans(&self) -> u64 {
        match self {
            Lost::Crowded => 1,
            Lost::Refused { spans, .. } | Lost::Unsent { spans } => *spans,
            Lost::Metrics { .. } => 0,
        }
    }
}

/// Who is told, on whatever thread it happens: the settler's, a request's or a sender's. It must not wait.
#[derive(Clone)]
pub struct TellLost(Arc<dyn Fn(Lost) + Send + Sync>);

impl TellLost {
    pub fn new(tell: impl Fn(Lost) + Send + Sync + 'static) -> Self {
        TellLost(Arc::new(tell))
    }

    pub fn tell(&self, lost: Lost) {
        (self.0)(lost);
    }
}

impl fmt::Debug for TellLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TellLost")
    }
}
