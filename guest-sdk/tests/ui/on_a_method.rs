use wasm_evq_guest::{Event, handler};

struct Shop;

impl Shop {
    #[handler]
    fn handle(&self, event: Event) {}
}

fn main() {}
