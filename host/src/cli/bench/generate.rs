//! Made-up events: orders in a shop, each of exactly 300 bytes. `examples/orders` handles them.

pub const EVENT_BYTES: usize = 300;

/// The order with this number.
pub fn order(number: usize) -> String {
    let (quantity, price, discount) = (1 + number % 9, 100 + number % 900, 10 + number % 50);
    let start = format!(
        r#"{{"specversion":"1.0","id":"o-{number:09}","source":"/bench/shop","type":"com.example.order.placed","data":{{"customer":"ada","items":[{{"sku":"tea","quantity":{quantity},"price_cents":{price}}},{{"sku":"cup","quantity":1,"price_cents":999}}],"discount_percent":{discount},"note":""#
    );
    let end = r#""}}"#;
    let note = "please leave it at the door, thank you very much indeed. ".chars().cycle();
    let room = EVENT_BYTES.saturating_sub(start.len() + end.len());
    start + &note.take(room).collect::<String>() + end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::parse_event;

    #[test]
    fn an_order_is_an_event_of_300_bytes() {
        for number in [0, 1, 8, 949, 199_999, 99_999_999] {
            let order = order(number);
            assert_eq!(order.len(), EVENT_BYTES, "{order}");
            let event = parse_event(order.as_bytes(), 1000).unwrap();
            assert_eq!(event.id(), format!("o-{number:09}"));
        }
    }
}
