//! The orders handler as an activity of Obelisk: the event is its parameter, the receipt what it returns.

wit_bindgen::generate!({ world: "activity" });

struct Orders;

impl exports::peers::orders::orders::Guest for Orders {
    fn handle(event: String) -> Result<String, String> {
        let receipt = peer_orders::handle(event.as_bytes())?;
        String::from_utf8(receipt).map_err(|e| e.to_string())
    }
}

export!(Orders);
