use wasm_evq_guest::{Event, handler};

#[handler]
fn handle(event: Event) -> Result<(), String> {
    Err(event.id().to_owned())
}

fn main() {}
