//! Results and events as JSON, the same over HTTP and on the command line.

mod event;
mod output;
mod result;

pub use event::EventJson;
pub use output::{OutputJson, raw_json};
pub use result::ResultJson;
