//! The vocabulary of events and the rules that decide their fate. Pure: no clock, no disk, no Wasm.

mod attribute;
mod backoff;
mod decide;
mod emitted;
mod exchange;
mod filter;
pub mod http;
mod identity;
mod invalid;
mod new_event;
mod parse;
mod raw;
mod scalar;
mod trace;
mod verdict;

pub use backoff::Backoff;
pub use decide::{AttemptCounts, RetryPolicy, Settlement, decide};
pub use emitted::{EmittedDigest, Parent, emitted_event};
pub use exchange::{Exchange, HttpFailure, HttpFailureCode, HttpRequest, HttpResponse, headers_bytes};
pub use filter::{ContextAttributes, Filter, InvalidFilter};
pub use identity::{Attributes, attributes_of};
pub use invalid::InvalidEvent;
pub use new_event::NewEvent;
pub use parse::{parse_event, utf8_text};
pub use raw::{IdPointer, RawLines};
pub use trace::TraceAttributes;
pub use verdict::{Figures, LimitExceeded, LimitName, LogLevel, LogLine, Output, Report, Verdict};
