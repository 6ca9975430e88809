//! The page that `serve` shows, in a real browser.

mod browser;
mod pictures;
mod roles;
mod watch;
