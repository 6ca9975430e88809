use wasm_evq_guest::handler;

#[handler]
fn handle(event: impl Sized) {}

fn main() {}
