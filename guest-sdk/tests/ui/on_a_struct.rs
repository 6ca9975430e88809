use wasm_evq_guest::handler;

#[handler]
#[derive(Debug)]
pub struct Handler {
    name: String,
}

fn main() {}
