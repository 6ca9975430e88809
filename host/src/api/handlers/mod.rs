//! `/handlers`: who runs the events, and whether they run.

mod invoke;
mod list;
mod turn;

pub use invoke::{__path_invoke, invoke};
pub use list::{__path_list, HandlerJson, all, list};
pub use turn::{__path_pause, __path_resume, pause, resume};
