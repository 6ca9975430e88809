use wasm_evq_guest::{Error, Event, handler};

struct Receipt {
    total: u32,
}

#[handler]
fn handle(event: Event<u32>) -> Result<Receipt, Error> {
    Ok(Receipt { total: event.into_data()? })
}

fn main() {}
