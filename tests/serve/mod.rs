//! `wasm-evq serve`: the real server over real sockets on loopback.

mod accept;
mod access;
mod batch;
mod bounds;
mod conformance;
mod life;
mod load;
mod look;
mod wait;
