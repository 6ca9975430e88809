//! `/events`: taking events in, and telling what became of one.

mod accept;
mod cancel;
mod fate;
mod handshake;
mod list;
mod message;
mod show;
mod wait;

pub use accept::{__path_accept, accept};
pub use cancel::{__path_cancel, cancel};
pub use handshake::{__path_handshake, handshake};
pub use list::{__path_list, list};
pub use message::structured_event;
pub use show::{__path_show, show};
