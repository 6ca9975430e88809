//! `wasm-evq serve`: the real server over real sockets on loopback.

mod accept;
mod access;
mod batch;
mod binding;
mod bounds;
mod conformance;
mod crowd;
mod endings;
mod handlers;
mod life;
mod load;
mod local;
mod look;
mod pause;
mod reload;
mod retention;
mod send;
mod systemd;
mod telemetry;
mod tls;
mod tokens;
mod wait;
