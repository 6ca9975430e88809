use wasm_evq_guest::handler;

#[handler]
fn handle() -> u32 {
    1
}

fn main() {}
