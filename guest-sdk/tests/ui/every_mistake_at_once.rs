use wasm_evq_guest::{Event, handler};

#[handler(retries = 3)]
async unsafe extern "C" fn handle<T>(event: Event<T>, other: u32)
where
    T: Clone,
{
}

fn main() {}
