use wasm_evq_guest::{Event, handler};

#[handler]
fn handle(event: Event, attempt: u32) -> u32 {
    attempt
}

fn main() {}
