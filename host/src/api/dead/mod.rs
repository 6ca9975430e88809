//! `/dead`: the events that were given up, and a person's hand on them.

mod act;
mod list;

pub use act::{__path_drop_dead, __path_retry, describe, drop_dead, retry};
pub use list::{__path_list, list};
