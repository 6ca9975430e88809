use wasm_evq_guest::{Event, handler};

struct Receipt;

#[handler]
fn handle(_event: Event) -> Receipt {
    Receipt
}

fn main() {}
