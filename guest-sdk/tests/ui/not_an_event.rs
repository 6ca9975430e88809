use wasm_evq_guest::handler;

#[handler]
fn handle(event: String) -> String {
    event
}

fn main() {}
