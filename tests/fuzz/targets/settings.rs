//! `cargo fuzz run settings`: see `docs/trust.md`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    wasm_evq_fuzz::settings(bytes);
});
