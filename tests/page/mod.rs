//! The page that `serve` shows, in a real browser.

mod browser;
mod grants;
mod keyboard;
mod pictures;
mod roles;
mod watch;
