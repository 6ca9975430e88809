//! Results and events as JSON, the same over HTTP and on the command line.

mod cloud_event;
mod event;
mod exchange;
mod grants;
mod output;
mod result;

pub use cloud_event::CloudEvent;
pub use event::{EventJson, LogJson};
pub use exchange::ExchangeJson;
pub use grants::GrantsJson;
pub use output::{OutputJson, raw_json};
pub use result::{ResultJson, SettledJson};
