//! `cargo fuzz run event`: see `docs/trust.md`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    wasm_evq_fuzz::event(bytes);
});
