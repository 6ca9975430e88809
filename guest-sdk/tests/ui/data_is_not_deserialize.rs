use wasm_evq_guest::{Error, Event, handler};

struct Order {
    qty: u32,
}

#[handler]
fn handle(event: Event<Order>) -> Result<u32, Error> {
    Ok(event.into_data()?.qty)
}

fn main() {}
