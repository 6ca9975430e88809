//! What must hold for every input that comes from outside, whatever its bytes: a function for each
//! place where such bytes are read. The ordinary tests call them with thousands of inputs (`../mod.rs`),
//! cargo-fuzz with as many as there is time for (`../targets`).
//!
//! Each function panics where something does not hold, and else says what became of the input.

mod event;
mod http;
mod reply;
mod settings;

pub use event::event;
pub use http::http;
pub use reply::reply;
pub use settings::settings;

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Taken,
    Refused,
}

/// Something that must hold for any bytes.
pub type Property = fn(&[u8]) -> Fate;

/// Every property by the name of its folder in `../corpus`.
pub const ALL: [(&str, Property); 4] =
    [("event", event), ("http", http), ("reply", reply), ("settings", settings)];

/// A refusal is one line of some words, and no longer than what it may quote.
fn assert_tells(refusal: &str) {
    assert!(refusal.len() > 10 && refusal.contains(' '), "it tells nothing: {refusal:?}");
    assert!(refusal.len() < 16 * 1024, "{} bytes of refusal", refusal.len());
}
