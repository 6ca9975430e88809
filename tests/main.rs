//! The program as people run it: the real binary over real files, pipes, signals and databases.
//! One binary, one file a subject, each test a sentence.
//!
//! `support/` is the small language the tests are written in; `guests/` holds the handlers, one
//! behaviour a file, written by hand against `guest-sdk/ABI.md`.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

mod support;

mod accepted;
mod backup;
mod commands;
mod config;
mod contained;
mod diff;
mod durable;
mod events;
mod fresh;
mod full;
mod fuzz;
mod grants;
mod hostile;
mod inspect;
mod kill;
mod kinds;
mod languages;
mod leak;
mod map;
mod outbound;
mod page;
mod refused;
mod replay;
mod retries;
mod run;
mod run_config;
mod serve;
mod stop;
mod terminal;
mod trust;
mod verify;
