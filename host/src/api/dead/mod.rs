//! `/dead`: the events that were given up, and a person's hand on them.

mod act;
mod list;
mod survey;

pub use act::{__path_drop_dead, __path_retry, describe, drop_dead, retry};
pub use list::{__path_list, list};
pub use survey::{__path_count, __path_reasons, CountJson, count, counted, reasons};
