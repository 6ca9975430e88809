//! One event becomes many: an order emits one event for each of its items.
//!
//! The emitted events are enqueued in the transaction that records the order's result, so either
//! all of it is there or nothing. The host derives their ids from the order's: an order that runs
//! again after a crash makes no duplicates. They come back to this same handler.

use serde::{Deserialize, Serialize};
use wasm_evq_guest::{Error, Event, Value, emit, handler};

const ORDER_PLACED: &str = "com.example.order.placed";
const ITEM_ORDERED: &str = "com.example.item.ordered";

#[derive(Deserialize)]
struct Order {
    items: Vec<Item>,
}

#[derive(Serialize, Deserialize)]
struct Item {
    sku: String,
    quantity: u32,
}

/// What is recorded, for each of the two types.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Done {
    Order { items: usize },
    Item { order: String, packed: String },
}

/// One handler for two types, hence the untyped event: each road reads its own type from it.
#[handler]
fn handle(event: Event<Value>) -> Result<Done, Error> {
    match event.type_() {
        ORDER_PLACED => split(&event),
        ITEM_ORDERED => pack(&event),
        other => Err(Error::permanent(format!("no rule for events of type {other}"))),
    }
}

fn split(event: &Event<Value>) -> Result<Done, Error> {
    let order: Order = data_of(event)?;
    for item in &order.items {
        emit::event(ITEM_ORDERED).subject(event.id()).data(item)?.send()?;
    }
    Ok(Done::Order { items: order.items.len() })
}

fn pack(event: &Event<Value>) -> Result<Done, Error> {
    let item: Item = data_of(event)?;
    let order = event.subject().unwrap_or("unknown").to_owned();
    Ok(Done::Item { order, packed: format!("{} x {}", item.quantity, item.sku) })
}

/// Data that does not fit will not fit next time either.
fn data_of<T: for<'de> Deserialize<'de>>(event: &Event<Value>) -> Result<T, Error> {
    T::deserialize(event.data()?).map_err(Error::permanent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_evq_guest::json;
    use wasm_evq_guest::testing::{self, Verdict};

    #[test]
    fn an_order_emits_one_event_for_each_item() {
        let items = json!({"items": [{"sku": "tea", "quantity": 3}, {"sku": "cup", "quantity": 1}]});
        let outcome = testing::event(ORDER_PLACED).id("o-1").data(items).run(handle);
        assert_eq!(outcome.output_as::<Done>(), Done::Order { items: 2 });
        assert_eq!(outcome.emitted().len(), 2);
        assert_eq!(outcome.emitted()[1]["type"], ITEM_ORDERED);
        assert_eq!(outcome.emitted()[1]["subject"], "o-1");
        assert_eq!(outcome.emitted()[1]["data"], json!({"sku": "cup", "quantity": 1}));
    }

    #[test]
    fn an_item_comes_back_and_is_packed() {
        let outcome = testing::event(ITEM_ORDERED)
            .subject("o-1")
            .data(json!({"sku": "tea", "quantity": 3}))
            .run(handle);
        assert_eq!(outcome.json(), json!({"order": "o-1", "packed": "3 x tea"}));
        assert!(outcome.emitted().is_empty());
    }

    #[test]
    fn other_types_are_refused_for_good() {
        let outcome = testing::event("com.example.weather").data(json!({})).run(handle);
        assert_eq!(outcome.verdict(), Verdict::Permanent);
    }
}
