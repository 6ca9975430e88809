//! `cargo fuzz run reply`: see `docs/trust.md`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    wasm_evq_fuzz::reply(bytes);
});
