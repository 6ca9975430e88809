//! `wasm-evq serve`: the real server over real sockets on loopback.

mod accept;
mod batch;
mod conformance;
mod life;
mod wait;
