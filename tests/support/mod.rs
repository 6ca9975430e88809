//! The language of the tests: a folder, a command in it, what it said, what is in the database.

mod collector;
mod command;
mod dir;
mod output;
mod running;
mod served;
mod two_handlers;
mod wait;

pub use collector::{Collector, Manner, Told};
pub use command::{Evq, evq};
pub use dir::Dir;
pub use output::{Output, Summary};
pub use running::Running;
pub use served::{Answer, Served, serve, serve_config, serving};
pub use two_handlers::{of_tenant, settled_by_handler, two_handlers};
pub use wait::{BOUND, until};

/// The path of a handler in `tests/guests/`; its name in the database is `name`.
pub fn guest(name: &str) -> String {
    let path = format!("{}/../tests/guests/{name}.wat", env!("CARGO_MANIFEST_DIR"));
    assert!(std::path::Path::new(&path).is_file(), "no guest {path}");
    path
}

/// An event as one line. `text` is its data and begins at byte 9, where the guests look for what
/// they shall do: `.` is good.
pub fn saying(id: impl std::fmt::Display, text: &str) -> String {
    format!(r#"{{"data":"{text}","specversion":"1.0","id":"{id}","source":"/test","type":"test"}}"#)
}

/// An event on which every guest does well.
pub fn good(id: impl std::fmt::Display) -> String {
    saying(id, ".")
}

/// Good events with the ids 1 to `n`.
pub fn many(n: u32) -> impl Iterator<Item = String> {
    (1..=n).map(good)
}

/// A handler in `evq.toml`: a guest under its own name, with further lines.
pub fn handler(name: &str, lines: &str) -> String {
    format!("[[handler]]\nname = {name:?}\nmodule = {:?}\n{lines}\n", guest(name))
}

/// A number from this run's own chance, with what brings it back: `EVQ_SEED=... cargo test NAME`.
pub fn seed() -> u64 {
    let seed = std::env::var("EVQ_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(rand::random);
    println!("to walk this way again: EVQ_SEED={seed}");
    seed
}

/// How large a proof is made: as the environment variable says, or what the ordinary run has time for.
pub fn size(variable: &str, ordinary: u64) -> u64 {
    let Ok(text) = std::env::var(variable) else { return ordinary };
    text.parse().unwrap_or_else(|e| panic!("{variable} is {text:?}: {e}"))
}
