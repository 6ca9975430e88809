//! Sources: where events come from. One file a source; each reads, checks and enqueues, and knows
//! nothing of what is done with the events.

mod batch;
mod feed;
mod lines;
mod ndjson;
mod receipt;

pub use feed::{FeedConfig, FeedError, feed};
pub use ndjson::{Format, Input, NextLine, ReadLine, SourceError};
pub use receipt::{LineFate, Receipt, TellReceipts};
